import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keeps everybody's segments current: one object a person on the heap, and one timer. */
final class Keeping<K> extends KeyedProcessFunction<K, Event, Change> implements Person.Changes {
    private transient ValueState<Person> people;
    private transient Collector<Change> out;
    private transient Change change;
    private transient K who;
    private transient boolean over;

    @Override
    public void open(OpenContext context) {
        people = getRuntimeContext().getState(new ValueStateDescriptor<>("person", Person.class));
        change = new Change();
    }

    @Override
    public void processElement(Event event, Context context, Collector<Change> collector)
            throws Exception {
        Person person = people.value();
        if (person == null) {
            person = new Person();
            people.update(person);
            Job.enrolled(event.number, person);
        }
        out = collector;
        who = context.getCurrentKey();
        person.pass(event.at, this);
        person.apply(event.kind, event.at, event.cents, this);
        arm(person, context);
    }

    @Override
    public void onTimer(long at, OnTimerContext context, Collector<Change> collector)
            throws Exception {
        if (at > Job.input.end) {
            finish();
            return;
        }
        Person person = people.value();
        out = collector;
        who = context.getCurrentKey();
        person.armed = Person.NEVER;
        person.pass(at, this);
        arm(person, context);
    }

    /** One timer is enough; an earlier one is set where the next deadline is earlier. */
    private void arm(Person person, Context context) {
        long next = person.next();
        if (next < person.armed) {
            person.armed = next;
            context.timerService().registerEventTimeTimer(next);
        }
    }

    @Override
    public void add(int segment, boolean entered, long at) {
        change.who = who;
        change.segment = segment;
        change.entered = entered;
        change.at = at;
        out.collect(change);
    }

    /** The end of input fires every timer that is left: the clock of the measurement stops before. */
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
