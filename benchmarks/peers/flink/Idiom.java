import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The same as a user of Flink writes it: a state for each thing that is known, events that wait in
 * state until the watermark is there, and a timer for each instant at which something may change.
 */
final class Idiom<K> extends KeyedProcessFunction<K, Event, Change> {
    private transient MapState<Long, Event> waiting;
    private transient MapState<Long, Integer> orders;
    private transient MapState<Long, Boolean> carts;
    private transient ValueState<Long> spend30;
    private transient ValueState<Integer> count30;
    private transient ValueState<Long> spend;
    private transient ValueState<Long> lastSeen;
    private transient ValueState<Long> lastOrder;
    private transient ValueState<Long> abandoned;
    private transient ValueState<Boolean> vip;
    private transient ValueState<Boolean> high;
    private transient boolean over;

    @Override
    public void open(OpenContext context) {
        waiting = map("waiting", Event.class);
        orders = map("orders", Integer.class);
        carts = map("carts", Boolean.class);
        spend30 = value("spend30", Long.class);
        count30 = value("count30", Integer.class);
        spend = value("spend", Long.class);
        lastSeen = value("lastSeen", Long.class);
        lastOrder = value("lastOrder", Long.class);
        abandoned = value("abandoned", Long.class);
        vip = value("vip", Boolean.class);
        high = value("high", Boolean.class);
    }

    private <T> MapState<Long, T> map(String name, Class<T> type) {
        return getRuntimeContext().getMapState(new MapStateDescriptor<>(name, Long.class, type));
    }

    private <T> ValueState<T> value(String name, Class<T> type) {
        return getRuntimeContext().getState(new ValueStateDescriptor<>(name, type));
    }

    @Override
    public void processElement(Event event, Context context, Collector<Change> out)
            throws Exception {
        waiting.put(event.at, event.copy());
        context.timerService().registerEventTimeTimer(event.at);
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<Change> out) throws Exception {
        if (at > Job.input.end) {
            finish();
            return;
        }
        expire(at, context, out);
        Event event = waiting.get(at);
        if (event != null) {
            waiting.remove(at);
            apply(event, context, out);
        }
    }

    private void expire(long at, OnTimerContext context, Collector<Change> out) throws Exception {
        long cart = at - Person.HOUR;
        if (carts.contains(cart)) {
            carts.remove(cart);
            Long ordered = lastOrder.value();
            if (ordered == null || ordered <= cart) {
                if (abandoned.value() == null) {
                    out.collect(new Change(context.getCurrentKey(), Change.ABANDONED, true, at));
                }
                abandoned.update(at);
                context.timerService().registerEventTimeTimer(at + Person.DAY);
            }
        }
        Long left = abandoned.value();
        if (left != null && left + Person.DAY == at) {
            abandoned.clear();
            out.collect(new Change(context.getCurrentKey(), Change.ABANDONED, false, at));
        }
        Integer cents = orders.get(at - Person.MONTH);
        if (cents != null) {
            orders.remove(at - Person.MONTH);
            count30.update(count30.value() - 1);
            spend30.update(spend30.value() - cents);
            decide(at, context, out);
        }
    }

    private void apply(Event event, OnTimerContext context, Collector<Change> out)
            throws Exception {
        lastSeen.update(event.at);
        if (event.kind == Event.CART) {
            carts.put(event.at, true);
            context.timerService().registerEventTimeTimer(event.at + Person.HOUR);
        } else if (event.kind == Event.ORDER) {
            lastOrder.update(event.at);
            orders.put(event.at, event.cents);
            context.timerService().registerEventTimeTimer(event.at + Person.MONTH);
            count30.update((count30.value() == null ? 0 : count30.value()) + 1);
            spend30.update((spend30.value() == null ? 0 : spend30.value()) + event.cents);
            spend.update((spend.value() == null ? 0 : spend.value()) + event.cents);
            decide(event.at, context, out);
        }
    }

    private void decide(long at, OnTimerContext context, Collector<Change> out) throws Exception {
        boolean belongs = count30.value() >= 3 && spend30.value() > 30_000;
        if (belongs != (vip.value() != null)) {
            vip.update(belongs ? true : null);
            out.collect(new Change(context.getCurrentKey(), Change.VIP, belongs, at));
        }
        if (high.value() == null && spend.value() > 100_000) {
            high.update(true);
            out.collect(new Change(context.getCurrentKey(), Change.HIGH, true, at));
        }
    }

    private void finish() {
        if (!over) {
            over = true;
            Job.finish();
        }
    }

    @Override
    public void close() {
        if (Job.input != null) {
            finish();
        }
    }
}
