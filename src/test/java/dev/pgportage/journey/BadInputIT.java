package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What is wrong from the start ends on one screen with a code and a remedy, and changes nothing.
 */
class BadInputIT {
  private static final int LINES_OF_A_SCREEN = 24;
  private static final String TABLE =
      "CREATE TABLE item (id int PRIMARY KEY); INSERT INTO item VALUES (1)";

  @Test
  void endsWhenThePasswordIsWrong() throws Exception {
    refused(
        ErrorCode.AUTHENTICATION_FAILED, journey -> badUrl(journey, "Secret-1", 0, "127.0.0.1"));
  }

  @Test
  void endsWhenTheHostIsUnknown() throws Exception {
    refused(ErrorCode.HOST_UNKNOWN, journey -> badUrl(journey, "x", 0, "no-such-host.invalid"));
  }

  @Test
  void endsWhenNothingListensOnThePort() throws Exception {
    refused(ErrorCode.CONNECTION_REFUSED, journey -> badUrl(journey, "x", 1, "127.0.0.1"));
  }

  @Test
  void endsWhenTheTargetHoldsTables() throws Exception {
    refused(
        ErrorCode.TARGET_NOT_EMPTY,
        journey -> {
          journey.target().execute("CREATE TABLE item (id int); INSERT INTO item VALUES (7)");
          return journey.program("migrate", "--until-ready");
        });
  }

  @Test
  void endsWhenAKeyIsUnknown() throws Exception {
    refused(
        ErrorCode.CONFIG_INVALID, journey -> journey.program("migrate", "--set", "load.worker=3"));
  }

  @Test
  void endsWhenNoTableMatches() throws Exception {
    refused(
        ErrorCode.NOTHING_SELECTED,
        journey -> journey.set("filters.include", "nowhere.*").program("migrate"));
  }

  @Test
  void endsWhenAnotherOnesSlotHasTheName() throws Exception {
    refused(
        ErrorCode.SLOT_TAKEN,
        journey -> {
          journey
              .source()
              .executeAsSuperuser(
                  "SELECT pg_create_logical_replication_slot('pgportage_"
                      + journey.source().name()
                      + "', 'pgoutput')");
          return journey.program("migrate", "--until-ready");
        });
  }

  @Test
  void endsWhenAnotherOnesPublicationHasTheName() throws Exception {
    refused(
        ErrorCode.PUBLICATION_TAKEN,
        journey -> {
          journey.source().execute("CREATE PUBLICATION pgportage_" + journey.source().name());
          return journey.program("migrate", "--until-ready");
        });
  }

  private interface Mistake {
    Program on(Journey journey) throws SQLException;
  }

  private static void refused(ErrorCode code, Mistake mistake) throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().execute(TABLE);
      assertRefused(journey, mistake.on(journey), code);
    }
  }

  private static void assertRefused(Journey journey, Program program, ErrorCode code)
      throws SQLException {
    List<Map<String, String>> before = everything(journey);
    Program.Ended ended = program.run();
    assertThat(ended.output()).contains(code.name()).doesNotContain("Secret-1", "\tat ");
    assertThat(ended.output().lines().count()).isLessThanOrEqualTo(LINES_OF_A_SCREEN);
    assertThat(ended.status()).as(ended.output()).isEqualTo(code.exitStatus());
    assertThat(everything(journey)).isEqualTo(before);
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

  private static Program badUrl(Journey journey, String password, int port, String host) {
    TestDatabase source = journey.source();
    return journey.program(
        "migrate",
        "--source",
        "postgresql://%s:%s@%s:%d/%s?sslmode=disable"
            .formatted(
                TestDatabase.SOURCE_ROLE,
                password,
                host,
                port == 0 ? source.server().port() : port,
                source.name()));
  }
}
