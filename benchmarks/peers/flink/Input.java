import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;

/** The events in memory, in the order of arrival: columns of primitives, and the users' ids. */
final class Input {
    static final int BATCH = 10_000;

    final String[] names;
    final int[] person;
    final long[] at;
    final byte[] kind;
    final int[] cents;
    /** How far the clock may go after each batch. */
    final long[] clocks;
    final long end;

    Input(Path folder) throws IOException {
        names = Files.readString(folder.resolve("names.txt")).split("\n");
        person = ints(folder.resolve("person.i32"));
        at = longs(folder.resolve("at.i64"));
        kind = Files.readAllBytes(folder.resolve("kind.u8"));
        cents = ints(folder.resolve("cents.i32"));
        clocks = longs(folder.resolve("clock.i64"));
        end = clocks[clocks.length - 1];
    }

    private static int[] ints(Path file) throws IOException {
        ByteBuffer bytes = mapped(file);
        int[] found = new int[bytes.remaining() / Integer.BYTES];
        bytes.asIntBuffer().get(found);
        return found;
    }

    private static long[] longs(Path file) throws IOException {
        ByteBuffer bytes = mapped(file);
        long[] found = new long[bytes.remaining() / Long.BYTES];
        bytes.asLongBuffer().get(found);
        return found;
    }

    private static ByteBuffer mapped(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel
                    .map(FileChannel.MapMode.READ_ONLY, 0, channel.size())
                    .order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
