import org.apache.flink.streaming.api.functions.sink.legacy.SinkFunction;

/** The sink: counts changes, and keeps them where answers are compared. */
final class Counting implements SinkFunction<Change> {
    private long count;

    @Override
    public void invoke(Change change, Context context) {
        count++;
        Job.took(change);
    }

    @Override
    public void finish() {
        Job.counted(count);
    }
}
