import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.memory.DataInputView;
import org.apache.flink.core.memory.DataOutputView;
import org.apache.flink.types.CopyableValue;

/** What somebody did: a record of primitives that writes and reads itself, so that no reflection is paid for. */
public final class Event implements CopyableValue<Event> {
    static final int CART = 2;
    static final int ORDER = 3;

    public String user;
    public long number;
    public long at;
    public byte kind;
    public int cents;

    private byte[] letters;

    @Override
    public void write(DataOutputView out) throws IOException {
        if (user == null) {
            out.writeByte(0);
        } else {
            byte[] bytes = user.getBytes(StandardCharsets.ISO_8859_1);
            out.writeByte(bytes.length);
            out.write(bytes);
        }
        out.writeLong(number);
        out.writeLong(at);
        out.writeByte(kind);
        out.writeInt(cents);
    }

    @Override
    public void read(DataInputView in) throws IOException {
        int length = in.readByte();
        if (length == 0) {
            user = null;
        } else {
            if (letters == null || letters.length < length) {
                letters = new byte[length];
            }
            in.readFully(letters, 0, length);
            user = new String(letters, 0, length, StandardCharsets.ISO_8859_1);
        }
        number = in.readLong();
        at = in.readLong();
        kind = in.readByte();
        cents = in.readInt();
    }

    @Override
    public int getBinaryLength() {
        return -1;
    }

    @Override
    public void copyTo(Event other) {
        other.user = user;
        other.number = number;
        other.at = at;
        other.kind = kind;
        other.cents = cents;
    }

    @Override
    public Event copy() {
        Event other = new Event();
        copyTo(other);
        return other;
    }

    @Override
    public void copy(DataInputView in, DataOutputView out) throws IOException {
        Event passing = new Event();
        passing.read(in);
        passing.write(out);
    }
}
