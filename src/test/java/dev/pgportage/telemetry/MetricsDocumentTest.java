package dev.pgportage.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.GeneratedDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricsDocumentTest {
  private static final Pattern NAME = Pattern.compile("pgportage_[a-z_]+");

  @Test
  void listsEveryMetricAsItIsExposed() throws IOException {
    var text =
        new StringBuilder(
            """
            # Metrics

            With `metrics.port` set, `pgportage migrate` answers `http://127.0.0.1:PORT/metrics` in
            Prometheus's text format, on loopback only. The dashboard's own server, `pgportage ui`'s
            too, offers the same under `/metrics`. The figures are those of `status --output json`,
            read when they are asked for and not more often than every five seconds.
            `pgportage_lag_seconds` is measured by the process that runs the migration and noted in
            the state every two seconds; `pgportage_load_copied_bytes` only that process knows.
            `pgportage fleet migrate` answers for all migrations that have the same `metrics.port` as
            one text; each takes two sessions, one on either side, from the first scrape on.

            ```yaml
            scrape_configs:
              - job_name: pgportage
                static_configs: [{targets: ["127.0.0.1:9187"]}]
            ```
            `deploy/monitoring/` holds a Grafana dashboard and alert rules that use these names.

            Every metric has the label `migration`. Sizes are bytes, times seconds.

            | name | type | labels | tells |
            |---|---|---|---|
            """
                .replace("            ", ""));
    for (Metric metric : Metric.values()) {
      text.append(
          "| `%s` | %s | %s | %s |\n"
              .formatted(
                  metric.exposed(),
                  metric.type().name().toLowerCase(java.util.Locale.ROOT),
                  String.join(", ", metric.labels()),
                  metric.meaning()));
    }
    GeneratedDocument.check("metrics.md", text.toString());
  }

  @Test
  void exposesEveryMetricUnderItsName() {
    try (var metrics = new Metrics("shop")) {
      for (Metric metric : Metric.values()) {
        metrics.set(metric, 7, metric.labels().toArray(String[]::new));
      }
      String text = metrics.text();
      for (Metric metric : Metric.values()) {
        assertThat(text)
            .contains(
                "# HELP " + metric.exposed() + " ",
                "# TYPE "
                    + metric.exposed()
                    + " "
                    + metric.type().name().toLowerCase(java.util.Locale.ROOT));
        assertThat(text).containsPattern("\n" + metric.exposed() + "\\{[^\n]*} 7\\.0\n");
      }
    }
  }

  @Test
  void forgetsLabelsThatAreNoMore() {
    try (var metrics = new Metrics("shop")) {
      metrics.set(Metric.PHASE, 1, "load");
      metrics.forget(Metric.PHASE);
      metrics.set(Metric.PHASE, 1, "ready");
      assertThat(metrics.text()).contains("phase=\"ready\"").doesNotContain("phase=\"load\"");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"alerts.yaml", "grafana-dashboard.json"})
  void namesOnlyMetricsThereAre(String file) throws IOException {
    Set<String> known = new TreeSet<>(Stream.of(Metric.values()).map(Metric::exposed).toList());
    String text = Files.readString(Path.of("deploy", "monitoring", file));
    assertThat(NAME.matcher(text).results().map(found -> found.group()).distinct())
        .isNotEmpty()
        .isSubsetOf(known);
  }
}
