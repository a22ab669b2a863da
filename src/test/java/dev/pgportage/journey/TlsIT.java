package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import dev.pgportage.testing.TlsFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that lets only TLS in, as every server in a cloud does, on both sides. */
class TlsIT {
  @TempDir private static Path directory;
  private static EmbeddedServer server;
  private static TlsFiles files;

  @BeforeAll
  static void start() throws IOException {
    server = EmbeddedServer.start(Servers.options(15));
    Path data = server.directory().resolve("data");
    files = TlsFiles.make(Files.createDirectory(server.directory().resolve("tls")), "ip:127.0.0.1");
    Files.setOwner(files.key(), Files.getOwner(data));
    Path rules = data.resolve("pg_hba.conf");
    Files.writeString(
        rules,
        """
        hostnossl all %s,%s 127.0.0.1/32 reject
        """
                .formatted(TestDatabase.SOURCE_ROLE, TestDatabase.TARGET_ROLE)
            + Files.readString(rules));
    Map<String, String> settings = new TreeMap<>(Servers.options(15).settings());
    settings.put("ssl", "on");
    settings.put("ssl_cert_file", files.certificate().toString());
    settings.put("ssl_key_file", files.key().toString());
    server.restart(settings);
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void goesFromEndToEndThroughVerifiedTls() throws Exception {
    String verified = "sslmode=verify-full&sslrootcert=" + files.certificate();
    try (var journey = journey()) {
      for (String command : new String[] {"assess", "migrate", "cutover", "cleanup"}) {
        succeeds(journey, verified, command);
        if (command.equals("cutover")) {
          journey.assertArrived();
        }
      }
      journey.assertClean();
    }
  }

  @Test
  void encryptsWithoutVerifyingWhenAsked() throws Exception {
    try (var journey = journey()) {
      succeeds(journey, "sslmode=require", "assess");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"sslmode=verify-full&sslrootcert=system", "sslmode=verify-full"})
  void refusesServerOfUnknownCertificate(String tls) throws Exception {
    try (var journey = journey()) {
      refuses(journey, tls, ErrorCode.TLS_FAILED);
    }
  }

  @Test
  void refusesServerOfAnotherName() throws Exception {
    TlsFiles other = TlsFiles.make(directory, "dns:db.example.org");
    try (var journey = journey()) {
      refuses(
          journey, "sslmode=verify-full&sslrootcert=" + other.certificate(), ErrorCode.TLS_FAILED);
    }
  }

  @Test
  void tellsThatTheServerWantsTls() throws Exception {
    try (var journey = journey()) {
      refuses(journey, "sslmode=disable", ErrorCode.AUTHENTICATION_FAILED);
    }
  }

  private static Journey journey() throws Exception {
    var journey = Journey.of(TestDatabase.source(server), TestDatabase.target(server));
    journey.source().execute("CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)");
    return journey;
  }

  private static void succeeds(Journey journey, String tls, String command) {
    Program.Ended ended = program(journey, tls, command).run();
    assertThat(ended.status()).as(ended.output()).isZero();
  }

  private static void refuses(Journey journey, String tls, ErrorCode code) {
    Program.Ended ended = program(journey, tls, "migrate").run();
    assertThat(ended.output()).contains(code.name()).doesNotContain("\tat ");
    assertThat(ended.status()).as(ended.output()).isEqualTo(code.exitStatus());
  }

  private static Program program(Journey journey, String tls, String command) {
    Program plain =
        journey.program(
            command,
            "--source",
            url(journey.source(), tls),
            "--target",
            url(journey.target(), tls));
    return switch (command) {
      case "migrate" -> plain.and("--until-ready");
      case "cutover", "cleanup" -> plain.and("--yes");
      default -> plain;
    };
  }

  private static String url(TestDatabase database, String tls) {
    return database.url().replace("sslmode=disable", tls);
  }
}
