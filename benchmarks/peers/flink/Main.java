import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.file.Path;

/**
 * Answers lines: how many threads, {@code texts} or {@code numbers}, {@code exchange} or {@code
 * chained}, {@code object} or {@code idiom}, and a folder for the answers or {@code -}. Between them the machine is warm and still.
 */
public final class Main {
    private Main() {}

    public static void main(String[] arguments) throws Exception {
        Job.input = new Input(Path.of(arguments[0]));
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] words = line.split(" ");
            Path into = words[4].equals("-") ? null : Path.of(words[4]);
            String found =
                    Job.run(
                            Integer.parseInt(words[0]),
                            words[1].equals("texts"),
                            words[2].equals("exchange"),
                            words[3].equals("idiom"),
                            into);
            System.gc();
            System.out.println(found);
        }
        System.exit(0);
    }
}
