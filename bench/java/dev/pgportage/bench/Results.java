package dev.pgportage.bench;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/** The runs of several movers, and their table. */
final class Results {
  private final Map<String, List<Timed>> runs = new LinkedHashMap<>();

  /** Keeps a place in the table, whoever comes first. */
  void expect(String mover) {
    runs.computeIfAbsent(mover, key -> new ArrayList<>());
  }

  void add(String mover, Timed timed) {
    runs.computeIfAbsent(mover, key -> new ArrayList<>()).add(timed);
    System.err.printf(
        Locale.ROOT,
        "  %-34s %7.2f s   mover %6.2f   source %6.2f   target %6.2f CPU s%n",
        mover,
        timed.wall(),
        timed.moverCpu(),
        timed.cpu().source(),
        timed.cpu().target());
  }

  /** Prints medians, and each mover's wall time as a multiple of the first one's. */
  void print(String title) {
    System.out.println("\n" + title + "\n");
    System.out.println(
        "| mover | wall, s | of the first's | mover's CPU, s | source's CPU, s | target's CPU, s | runs, s |");
    System.out.println("|---|---|---|---|---|---|---|");
    double first = median(runs.values().iterator().next(), Timed::wall);
    runs.forEach(
        (mover, timed) ->
            System.out.printf(
                Locale.ROOT,
                "| %s | %.2f | %.2f | %.2f | %.2f | %.2f | %s |%n",
                mover,
                median(timed, Timed::wall),
                median(timed, Timed::wall) / first,
                median(timed, Timed::moverCpu),
                median(timed, t -> t.cpu().source()),
                median(timed, t -> t.cpu().target()),
                String.join(
                    " ",
                    timed.stream()
                        .map(run -> String.format(Locale.ROOT, "%.1f", run.wall()))
                        .toList())));
  }

  private static double median(List<Timed> timed, ToDoubleFunction<Timed> figure) {
    double[] sorted = timed.stream().mapToDouble(figure).sorted().toArray();
    int middle = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
  }
}
