/** The five traits and three segments of one person, exact at every instant. */
final class Person {
    static final long HOUR = 3_600_000_000L;
    static final long DAY = 24 * HOUR;
    static final long MONTH = 30 * DAY;
    static final long NEVER = Long.MAX_VALUE;

    /** Where changes go. */
    interface Changes {
        void add(int segment, boolean entered, long at);
    }

    final Ring orders = new Ring();
    final Ring carts = new Ring();
    long spend30;
    long spend;
    long lastSeen;

    /** How many of the newest carts wait for an order. */
    private int pending;
    private long abandoned;
    private long lapse = NEVER;
    private boolean left;
    private boolean vip;
    private boolean high;

    /** The instant of the timer that is set. */
    long armed = NEVER;

    /** The next instant at which something changes though nothing happens. */
    long next() {
        return Math.min(Math.min(ripe(), leaves()), lapse);
    }

    private long ripe() {
        return pending > 0 ? carts.at(carts.size - pending) + HOUR : NEVER;
    }

    private long leaves() {
        return left ? abandoned + DAY : NEVER;
    }

    /** Act on every deadline up to an instant, one by one, and let go of what is over. */
    void pass(long t, Changes changes) {
        for (long at = next(); at <= t; at = next()) {
            if (at == ripe()) {
                pending--;
                abandoned = at;
                if (!left) {
                    left = true;
                    changes.add(Change.ABANDONED, true, at);
                }
            } else if (at == leaves()) {
                left = false;
                changes.add(Change.ABANDONED, false, at);
            } else {
                vip = false;
                lapse = NEVER;
                changes.add(Change.VIP, false, at);
            }
        }
        while (carts.size > 0 && carts.at(0) + HOUR <= t) {
            carts.drop();
        }
        while (orders.size > 0 && orders.at(0) + MONTH <= t) {
            spend30 -= orders.amount(0);
            orders.drop();
        }
    }

    /** What happened at an instant to which the person was brought. */
    void apply(int kind, long at, int cents, Changes changes) {
        lastSeen = at;
        if (kind == Event.CART) {
            carts.add(at, 0);
            pending++;
        } else if (kind == Event.ORDER) {
            pending = 0;
            orders.add(at, cents);
            spend30 += cents;
            spend += cents;
            decide(at, changes);
        }
    }

    private void decide(long at, Changes changes) {
        if (!high && spend > 100_000) {
            high = true;
            changes.add(Change.HIGH, true, at);
        }
        if (orders.size >= 3 && spend30 > 30_000) {
            if (!vip) {
                vip = true;
                changes.add(Change.VIP, true, at);
            }
            lapse = lapse();
        }
    }

    /** When so many orders are over that too few are left, or too little was paid. */
    private long lapse() {
        long rest = spend30;
        int gone = 0;
        while (orders.size - gone >= 3 && rest > 30_000) {
            rest -= orders.amount(gone);
            gone++;
        }
        return orders.at(gone - 1) + MONTH;
    }

    /** The traits at an instant, as text. */
    String traits(long t) {
        pass(t, (segment, entered, at) -> {});
        return orders.size + "," + spend30 + "," + carts.size + "," + lastSeen + "," + spend;
    }
}
