package dev.pgportage.aws;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.telemetry.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class CloudWatchMetricsTest {
  private static final Duration LONG = Duration.ofHours(1);

  private final FakeAws aws = new FakeAws();
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final List<Event> events = new CopyOnWriteArrayList<>();

  @AfterEach
  void stop() {
    aws.close();
  }

  @Test
  void writesLinesOfTheEmbeddedFormat() throws IOException {
    try (var metrics = metrics(MetricsTo.EMF, LONG)) {
      work(metrics.monitor());
    }
    JsonNode line = new JsonMapper().readTree(lines.getFirst());
    JsonNode about = line.path("_aws").path("CloudWatchMetrics").path(0);
    assertThat(about.path("Namespace").asText()).isEqualTo("pgportage");
    assertThat(about.path("Dimensions").path(0).path(0).asText()).isEqualTo("Migration");
    assertThat(line.path("Migration").asText()).isEqualTo("shop");
    for (JsonNode metric : about.path("Metrics")) {
      assertThat(line.has(metric.path("Name").asText())).isTrue();
    }
    assertThat(line.path("LagSeconds").asDouble()).isEqualTo(1.5);
    assertThat(line.path("LoadPercent").asDouble()).isEqualTo(50);
    assertThat(line.path("Warnings").asInt()).isOne();
    assertThat(events).extracting(Event::kind).containsExactly("x.y");
    assertThat(aws.actions()).isEmpty();
  }

  @Test
  void putsFiguresIntoCloudWatch() {
    try (var metrics = metrics(MetricsTo.PUT, LONG)) {
      work(metrics.monitor());
    }
    assertThat(aws.actions()).containsExactly("cloudwatch:PutMetricData");
    assertThat(aws.bodies().getFirst()).contains("pgportage", "LagSeconds", "shop");
  }

  @Test
  void goesOnAndTellsOnceWhenRefused() throws InterruptedException {
    aws.deny("cloudwatch:PutMetricData");
    try (var metrics = metrics(MetricsTo.PUT, Duration.ofMillis(20))) {
      while (aws.count("cloudwatch:PutMetricData") < 3) {
        Thread.onSpinWait();
        Thread.sleep(5);
      }
      assertThat(metrics.monitor()).isNotNull();
    }
    assertThat(events).singleElement().returns("cloudwatch.refused", Event::kind);
    assertThat(events.getFirst().message()).contains("cloudwatch:PutMetricData");
  }

  private CloudWatchMetrics metrics(MetricsTo to, Duration pause) {
    return new CloudWatchMetrics(to, "shop", events::add, lines::add, pause);
  }

  private static void work(Monitor monitor) {
    Lsn lsn = Lsn.parse("0/10");
    monitor.lag(new Lag(lsn, lsn, lsn, 16, Duration.ofMillis(1500)));
    monitor.loading(new QualifiedName("public", "t"), new Progress.Reading(5, 10, 500, 1000, 1));
    monitor.event(Event.warning("x.y", "z"));
  }
}
