package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.testing.FullDisk;
import dev.pgportage.testing.Servers;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * What is wrong from the start ends on one screen with a code and a remedy, and changes nothing.
 */
class BadInputIT {
  private static final int LINES_OF_A_SCREEN = 24;
  private static final String SECRET = "Secret-1";
  private static final String TABLE =
      "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)";

  @Test
  void endsWhenThePasswordIsWrong() throws Exception {
    refused(ErrorCode.AUTHENTICATION_FAILED, j -> source(j, ":" + SECRET, 0, "disable"));
  }

  @Test
  void endsWhenThePasswordIsMissing() throws Exception {
    refused(ErrorCode.AUTHENTICATION_FAILED, j -> source(j, "", 0, "disable"));
  }

  @Test
  void endsWhenTheHostIsUnknown() throws Exception {
    refused(
        ErrorCode.HOST_UNKNOWN,
        j -> List.of("--source", "postgresql://u:" + SECRET + "@no-such-host.invalid/d"));
  }

  @Test
  void endsWhenNothingListensOnTheSourcesPort() throws Exception {
    refused(ErrorCode.CONNECTION_REFUSED, j -> source(j, ":" + SECRET, 1, "disable"));
  }

  @Test
  void endsWhenNothingListensOnTheTargetsPort() throws Exception {
    refused(
        ErrorCode.CONNECTION_REFUSED,
        j -> List.of("--target", "postgresql://u:" + SECRET + "@127.0.0.1:1/d"));
  }

  @Test
  void endsWhenTheDatabaseIsUnknown() throws Exception {
    refused(
        ErrorCode.DATABASE_UNKNOWN,
        j -> List.of("--source", j.source().url().replace(j.source().name(), "no_such")));
  }

  @Test
  void endsWhenTheServerHasNoTls() throws Exception {
    refused(ErrorCode.TLS_FAILED, j -> source(j, ":" + SECRET, 0, "require"));
  }

  @Test
  void endsWhenChannelBindingIsRequired() throws Exception {
    refused(
        ErrorCode.CONFIG_INVALID,
        j -> source(j, ":" + SECRET, 0, "require&channel_binding=require"));
  }

  @Test
  void endsWhenAKeyIsUnknown() throws Exception {
    refused(ErrorCode.CONFIG_INVALID, j -> List.of("--set", "load.worker=3"));
  }

  @Test
  void endsWhenNoTableMatches() throws Exception {
    refused(ErrorCode.CONFIG_INVALID, j -> List.of("--set", "filters.include=nowhere.*"));
  }

  @Test
  void endsWhenTheTargetHoldsTables() throws Exception {
    blocked(
        ErrorCode.TARGET_NOT_EMPTY,
        j -> j.target().execute("CREATE TABLE item (id int); INSERT INTO item VALUES (7)"));
  }

  @Test
  void endsWhenAnotherOnesSlotHasTheName() throws Exception {
    blocked(
        ErrorCode.SLOT_TAKEN,
        j ->
            j.source()
                .executeAsSuperuser(
                    "SELECT pg_create_logical_replication_slot('pgportage_%s', 'pgoutput')"
                        .formatted(j.source().name())));
  }

  @Test
  void endsWhenAnotherOnesPublicationHasTheName() throws Exception {
    blocked(
        ErrorCode.PUBLICATION_TAKEN,
        j -> j.source().execute("CREATE PUBLICATION pgportage_" + j.source().name()));
  }

  @Test
  void endsWhenTheSourceIsNotLogical() throws Exception {
    try (var server = EmbeddedServer.start(Servers.options(15).with("wal_level", "replica"));
        var journey = Journey.of(TestDatabase.source(server), TestDatabase.target(15))) {
      journey.source().execute(TABLE);
      assertBlocked(journey, ErrorCode.SOURCE_NOT_LOGICAL);
    }
  }

  @Test
  void endsWhenTheMigrationIsUnknown() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      for (String command : List.of("status", "validate")) {
        assertRefused(journey, ErrorCode.MIGRATION_UNKNOWN, command);
      }
      for (String command : List.of("cutover", "cleanup")) {
        assertRefused(journey, ErrorCode.MIGRATION_UNKNOWN, command, "--yes");
      }
    }
  }

  @Test
  void goesOnWhenTheTargetsDiskHasRoomAgain() throws Exception {
    String table = "CREATE TABLE item (id int PRIMARY KEY, v text)";
    try (var journey = Journey.between(15, 15).set("schema.mode", "existing")) {
      journey.source().execute(table + "; ALTER TABLE item ALTER v SET STORAGE EXTERNAL");
      journey
          .source()
          .execute("INSERT INTO item SELECT i, repeat('v', 9000) FROM generate_series(1, 500) i");
      journey.target().execute(table + "; ALTER TABLE item ALTER v SET STORAGE EXTERNAL");
      var before = Contents.rows(journey.source());
      try (var _ = FullDisk.under(journey.target(), "item")) {
        assertScreen(journey.program("migrate", "--until-ready").run(), ErrorCode.DISK_FULL);
        assertThat(Contents.rows(journey.source())).isEqualTo(before);
        journey.source().execute("UPDATE item SET v = 'short' WHERE id = 7");
      }
      var ended = journey.program("migrate", "--until-ready").run();
      assertThat(ended.status()).as(ended.output()).isZero();
      journey.assertSameRows();
    }
  }

  private interface Options {
    List<String> on(Journey journey);
  }

  private interface Mistake {
    TestDatabase on(Journey journey) throws SQLException;
  }

  /** Both commands fail alike. */
  private static void refused(ErrorCode code, Options mistake) throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      String[] options = mistake.on(journey).toArray(String[]::new);
      assertRefused(journey, code, "assess", options);
      assertRefused(journey, code, "migrate", options);
    }
  }

  /** The assessment finds it, and the migration ends by its code. */
  private static void blocked(ErrorCode code, Mistake mistake) throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      mistake.on(journey);
      assertBlocked(journey, code);
    }
  }

  private static void assertBlocked(Journey journey, ErrorCode code) throws SQLException {
    var before = everything(journey);
    Program.Ended ended = journey.program("assess").run();
    assertThat(ended.output()).contains("blocks  ", "fix: ", "Blocked: 1 findings");
    assertNoSecret(ended);
    assertThat(ended.status()).isEqualTo(ErrorCode.ASSESSMENT_BLOCKED.exitStatus());
    assertThat(everything(journey)).isEqualTo(before);
    assertRefused(journey, code, "migrate", "--until-ready");
  }

  private static void assertRefused(
      Journey journey, ErrorCode code, String command, String... options) throws SQLException {
    var before = everything(journey);
    assertScreen(journey.program(command, options).run(), code);
    assertThat(everything(journey)).isEqualTo(before);
  }

  /** Code, what happened, remedy, documentation and exit status, all at one look. */
  private static void assertScreen(Program.Ended ended, ErrorCode code) {
    assertThat(ended.output())
        .containsPattern(
            Pattern.compile(
                "^%s: .+\n(  .+\n)+  docs/errors.md#%s, exit status %d$"
                    .formatted(code, code.anchor(), code.exitStatus()),
                Pattern.MULTILINE));
    assertThat(ended.output().lines().count()).isLessThanOrEqualTo(LINES_OF_A_SCREEN);
    assertThat(ended.status()).isEqualTo(code.exitStatus());
    assertNoSecret(ended);
  }

  private static void assertNoSecret(Program.Ended ended) {
    assertThat(ended.output())
        .doesNotContain(SECRET, TestDatabase.PASSWORD, "p%40ss", "\tat ", "Exception");
  }

  private static List<Map<String, String>> everything(Journey journey) throws SQLException {
    var result = new ArrayList<Map<String, String>>();
    for (TestDatabase database : List.of(journey.source(), journey.target())) {
      result.add(Contents.schema(database));
      result.add(Contents.rows(database));
      result.add(Contents.traces(database));
    }
    return result;
  }

  private static List<String> source(Journey journey, String password, int port, String tls) {
    TestDatabase source = journey.source();
    return List.of(
        "--source",
        "postgresql://%s%s@127.0.0.1:%d/%s?sslmode=%s"
            .formatted(
                TestDatabase.SOURCE_ROLE,
                password,
                port == 0 ? source.server().port() : port,
                source.name(),
                tls));
  }
}
