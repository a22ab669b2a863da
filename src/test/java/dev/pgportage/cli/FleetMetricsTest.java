package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.MigrationException;
import dev.pgportage.config.Environment;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationFile;
import dev.pgportage.fleet.FleetMonitor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The databases behind it need not be there: that they are not is one of the metrics. */
class FleetMetricsTest {
  @Test
  void answersForAllMigrationsOfOnePortAsOneText() throws Exception {
    int port = freePort();
    var members = List.of(member("one", port), member("two", port), member("three", 0));
    try (var metrics = new FleetMetrics(members, FleetMonitor.none());
        var client = HttpClient.newHttpClient()) {
      URI address = URI.create("http://127.0.0.1:" + port + "/metrics");
      String text =
          client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofString()).body();
      assertThat(text)
          .contains(
              "pgportage_state_readable{migration=\"one\"} 0.0",
              "pgportage_state_readable{migration=\"two\"} 0.0")
          .doesNotContain("three")
          .containsOnlyOnce("# HELP pgportage_state_readable ");
      assertThat(metrics.of("three")).isNotNull();
    }
  }

  @Test
  void saysSoWhenAPortIsTaken() throws IOException {
    try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var members = List.of(member("one", taken.getLocalPort()));
      assertThatThrownBy(() -> new FleetMetrics(members, FleetMonitor.none()))
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining(String.valueOf(taken.getLocalPort()));
    }
  }

  private static int freePort() throws IOException {
    try (var free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }

  private static Member member(String name, int port) {
    Stream<String> settings =
        Stream.of(
            "name=" + name,
            "source=postgresql://u@127.0.0.1:1/a",
            "target=postgresql://u@127.0.0.1:1/b");
    Stream<String> metrics = port == 0 ? Stream.of() : Stream.of("metrics.port=" + port);
    List<MigrationFile.Option> options =
        Stream.concat(settings, metrics)
            .map(text -> text.split("=", 2))
            .map(pair -> new MigrationFile.Option("--set", pair[0], pair[1]))
            .toList();
    MigrationConfig config =
        MigrationFile.of(options, new Environment(Map.of(), Path.of("/nowhere"))).config();
    return new Member("", config);
  }
}
