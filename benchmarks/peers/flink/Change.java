/** Somebody enters or leaves a segment at an instant. */
public final class Change {
    static final String[] SEGMENTS = {"abandoned_cart", "vip", "high_spenders"};
    static final int ABANDONED = 0;
    static final int VIP = 1;
    static final int HIGH = 2;

    /** The key that Flink knows the person by. */
    public Object who;
    public int segment;
    public boolean entered;
    public long at;

    public Change() {}

    Change(Object who, int segment, boolean entered, long at) {
        this.who = who;
        this.segment = segment;
        this.entered = entered;
        this.at = at;
    }

    @Override
    public String toString() {
        String name = who instanceof Long ? Job.named((Long) who) : who.toString();
        return name + "," + SEGMENTS[segment] + "," + (entered ? "entered" : "exited") + "," + at;
    }
}
