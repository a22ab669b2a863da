package dev.pgportage.cli;

import dev.pgportage.workflow.Gauge;
import java.time.Duration;

/** A gauge for people: its figure beside its limit. */
final class GaugeText {
  private GaugeText() {}

  /** {@code 12.0 MB of 4.0 GB}. */
  static String of(Gauge gauge) {
    return amount(gauge, gauge.value())
        + (gauge.limit() > 0 ? " of " + amount(gauge, gauge.limit()) : "");
  }

  /** A figure in the gauge's unit. */
  static String amount(Gauge gauge, long figure) {
    return switch (gauge.unit()) {
      case "bytes" -> Figures.bytes(figure);
      case "ms" -> Figures.time(Duration.ofMillis(figure));
      default -> Figures.count(figure);
    };
  }
}
