import java.util.Arrays;
import org.apache.flink.streaming.api.functions.source.legacy.SourceFunction;
import org.apache.flink.streaming.api.watermark.Watermark;

/**
 * The source: a batch, and the watermark after it. A batch may be put in the order of event time and
 * passed on as far as the watermark goes; then nothing behind it needs to wait for what comes late.
 */
final class Arrivals implements SourceFunction<Event> {
    private static final int PLACES = 20;

    private final boolean texts;
    private final boolean ordered;
    private final Event event = new Event();

    Arrivals(boolean texts, boolean ordered) {
        this.texts = texts;
        this.ordered = ordered;
    }

    @Override
    public void run(SourceContext<Event> context) {
        Job.begin();
        if (ordered) {
            inOrder(context);
        } else {
            asTheyCome(context);
        }
    }

    private void asTheyCome(SourceContext<Event> context) {
        Input input = Job.input;
        for (int batch = 0; batch < input.clocks.length; batch++) {
            int to = Math.min((batch + 1) * Input.BATCH, input.at.length);
            for (int row = batch * Input.BATCH; row < to; row++) {
                collect(row, context);
            }
            context.emitWatermark(new Watermark(input.clocks[batch]));
        }
    }

    private void inOrder(SourceContext<Event> context) {
        Input input = Job.input;
        long origin = input.clocks[0] - Person.MONTH;
        int[] rows = new int[2 * Input.BATCH];
        long[] keys = new long[2 * Input.BATCH];
        int waiting = 0;
        for (int batch = 0; batch < input.clocks.length; batch++) {
            int from = batch * Input.BATCH;
            int to = Math.min(from + Input.BATCH, input.at.length);
            int n = waiting + to - from;
            if (n > keys.length) {
                keys = Arrays.copyOf(keys, 2 * n);
                rows = Arrays.copyOf(rows, 2 * n);
            }
            for (int row = from; row < to; row++) {
                rows[waiting + row - from] = row;
            }
            for (int i = 0; i < n; i++) {
                keys[i] = (input.at[rows[i]] - origin) << PLACES | i;
            }
            Arrays.sort(keys, 0, n);
            int done = 0;
            while (done < n && (keys[done] >> PLACES) + origin <= input.clocks[batch]) {
                collect(rows[place(keys[done++])], context);
            }
            int[] left = new int[n - done];
            for (int i = done; i < n; i++) {
                left[i - done] = rows[place(keys[i])];
            }
            waiting = left.length;
            System.arraycopy(left, 0, rows, 0, waiting);
            context.emitWatermark(new Watermark(input.clocks[batch]));
        }
    }

    private static int place(long key) {
        return (int) key & ((1 << PLACES) - 1);
    }

    private void collect(int row, SourceContext<Event> context) {
        Input input = Job.input;
        event.user = texts ? input.names[input.person[row]] : null;
        event.number = input.person[row];
        event.at = input.at[row];
        event.kind = input.kind[row];
        event.cents = input.cents[row];
        context.collectWithTimestamp(event, event.at);
    }

    @Override
    public void cancel() {}
}
