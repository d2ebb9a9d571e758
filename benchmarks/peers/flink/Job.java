import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** One pass over the events, and what it took. */
final class Job {
    private static final OperatingSystemMXBean MACHINE =
            (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();

    static Input input;

    private static long wall;
    private static long cpu;
    private static long spentWall;
    private static long spentCpu;
    private static long changes;
    private static List<Change> taken;
    private static Map<Long, Person> everybody;

    private Job() {}

    /**
     * Runs it.
     *
     * @param texts whether users are known by their ids, or by numbers that nobody has to look up
     * @param exchange whether events go to whoever keeps their user, as keyBy does; otherwise the
     *     source calls the function itself, which Flink allows for one thread alone
     * @param idiom whether the function is the one that users write, and events are not put in order
     *     before it
     * @param into a folder for all changes and traits, or null
     */
    static String run(int parallelism, boolean texts, boolean exchange, boolean idiom, Path into)
            throws Exception {
        changes = 0;
        taken = into == null ? null : new ArrayList<>();
        everybody = into == null ? null : new HashMap<>();
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createLocalEnvironment(parallelism, new Configuration());
        environment.getConfig().enableObjectReuse();
        environment.setBufferTimeout(-1);
        DataStream<Event> events =
                environment.addSource(new Arrivals(texts, !idiom), "arrivals").setParallelism(1)
                        .returns(Event.class);
        if (texts) {
            keep(exchange
                    ? events.keyBy(event -> event.user)
                    : DataStreamUtils.reinterpretAsKeyedStream(events, event -> event.user),
                    idiom);
        } else {
            keep(exchange
                    ? events.keyBy(event -> event.number)
                    : DataStreamUtils.reinterpretAsKeyedStream(events, event -> event.number),
                    idiom);
        }
        environment.execute();
        if (into != null) {
            write(into);
        }
        return "{\"wall\": " + spentWall / 1e9 + ", \"cpu\": " + spentCpu / 1e9
                + ", \"changes\": " + changes + "}";
    }

    private static <K> void keep(KeyedStream<Event, K> keyed, boolean idiom) {
        keyed.process(idiom ? new Idiom<K>() : new Keeping<K>()).returns(Change.class).addSink(new Counting());
    }

    static void begin() {
        wall = System.nanoTime();
        cpu = MACHINE.getProcessCpuTime();
    }

    static synchronized void finish() {
        spentWall = System.nanoTime() - wall;
        spentCpu = MACHINE.getProcessCpuTime() - cpu;
    }

    static String named(long number) {
        return input.names[(int) number];
    }

    static synchronized void counted(long count) {
        changes += count;
    }

    static void took(Change change) {
        if (taken != null) {
            synchronized (Job.class) {
                taken.add(new Change(change.who, change.segment, change.entered, change.at));
            }
        }
    }

    static void enrolled(long number, Person person) {
        if (everybody != null) {
            synchronized (Job.class) {
                everybody.put(number, person);
            }
        }
    }

    private static void write(Path into) throws Exception {
        List<String> lines = new ArrayList<>();
        for (Change each : taken) {
            lines.add(each.toString());
        }
        Files.write(into.resolve("changes.csv"), lines);
        lines.clear();
        everybody.forEach((number, person) ->
                lines.add(named(number) + "," + person.traits(input.end)));
        Files.write(into.resolve("traits.csv"), lines);
        taken = null;
        everybody = null;
    }
}
