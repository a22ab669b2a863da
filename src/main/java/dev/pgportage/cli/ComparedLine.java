package dev.pgportage.cli;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Progress;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How far a comparison of rows is, all tables together and the largest under way. Not thread-safe.
 */
final class ComparedLine {
  private final RateWindow read = new RateWindow();
  private final Map<QualifiedName, Progress.Reading> underWay = new LinkedHashMap<>();
  private Progress.@Nullable Reading total;

  /** It got on. */
  void add(QualifiedName table, Progress.Reading ofTable, Progress.Reading ofAll, long nanos) {
    if (total != null && ofAll.bytes() < total.bytes()) {
      // Another comparison has begun.
      underWay.clear();
    }
    if (ofTable.share() >= 1) {
      underWay.remove(table);
    } else {
      underWay.put(table, ofTable);
    }
    total = ofAll;
    read.add(nanos, (double) ofAll.bytes());
  }

  /** The line; empty before anything was compared. */
  Optional<String> render() {
    return Optional.ofNullable(total).map(now -> figures(now) + tables());
  }

  private String figures(Progress.Reading now) {
    double rate = read.perSecond();
    long left = now.plannedBytes() - now.bytes();
    String eta =
        rate <= 0 || left <= 0
            ? ""
            : ", " + Figures.time(Duration.ofMillis((long) (left / rate * 1000))) + " left";
    return "%s  %s of ~%s rows compared%s"
        .formatted(
            Figures.percent(now.share()),
            Figures.count(now.rows()),
            Figures.count(now.plannedRows()),
            eta);
  }

  private String tables() {
    return underWay.entrySet().stream()
        .max(Comparator.comparingLong(entry -> entry.getValue().plannedBytes()))
        .map(
            entry ->
                "  %s %s of %s%s"
                    .formatted(
                        entry.getKey(),
                        Figures.percent(entry.getValue().share()),
                        Figures.bytes(entry.getValue().plannedBytes()),
                        underWay.size() == 1 ? "" : " and %d more".formatted(underWay.size() - 1)))
        .orElse("");
  }
}
