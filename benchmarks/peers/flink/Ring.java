/** The occurrences of a window, oldest first: instants and amounts in arrays that are used around. */
final class Ring {
    private static final long[] NO_INSTANTS = {};
    private static final int[] NO_AMOUNTS = {};

    private long[] instants = NO_INSTANTS;
    private int[] amounts = NO_AMOUNTS;
    private int first;
    int size;

    long at(int i) {
        return instants[(first + i) & (instants.length - 1)];
    }

    int amount(int i) {
        return amounts[(first + i) & (amounts.length - 1)];
    }

    void add(long at, int amount) {
        if (size == instants.length) {
            grow();
        }
        int place = (first + size) & (instants.length - 1);
        instants[place] = at;
        amounts[place] = amount;
        size++;
    }

    void drop() {
        first = (first + 1) & (instants.length - 1);
        size--;
    }

    private void grow() {
        int length = Math.max(2 * instants.length, 2);
        long[] moved = new long[length];
        int[] paid = new int[length];
        for (int i = 0; i < size; i++) {
            moved[i] = at(i);
            paid[i] = amount(i);
        }
        instants = moved;
        amounts = paid;
        first = 0;
    }
}
