package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.ErrorCode;
import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.assess.Finding;
import dev.pgportage.assess.Inventory;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.Table;
import dev.pgportage.state.NoticeLog;
import dev.pgportage.state.StepAttempts;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Comparison;
import dev.pgportage.workflow.Gauge;
import dev.pgportage.workflow.HistoryReport;
import dev.pgportage.workflow.PendingChange;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.TableProof;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTextTest {
  private static final Instant NOON = Instant.parse("2026-01-02T12:00:00Z");

  @Test
  void showsEachFindingWithReasonAndFix() {
    String text = new AssessmentText(assessment(), Style.plain()).render(true, true);
    assertThat(text)
        .contains("Source  u@h:5432/shop  PostgreSQL 15.1, UTF8, as u")
        .contains("1 tables, about 1,000 rows, 8.0 kB; 1 sequences; 2 large objects")
        .contains("public.item  streamed  id")
        .contains("sequences: public.item_id_seq")
        .contains("Schema  not simply made as it is: 1 made later, 1 left out (list: --objects)")
        .contains("TRIGGER item audit    made later  opening  acts at the cutover")
        .contains("Checks  1 found something, 1 do not apply (list: --checks)")
        .contains("WAL Level Configuration  source    blocks")
        .contains("Free Slots               source    skipped: not for full-load")
        .contains(
            """
            blocks  WAL Level Configuration (wal-level, source)
              wal_level is replica
              objects: wal_level
              why: changes are read from the WAL
              fix: ALTER SYSTEM SET wal_level = logical;
                   -- and restart
            """)
        .endsWith("Blocked: 1 findings must be resolved before the migration can start.");
  }

  @Test
  void listsChecksOnlyWhenAsked() {
    assertThat(new AssessmentText(assessment(), Style.plain()).render(false, false))
        .doesNotContain("Free Slots", "TRIGGER item audit")
        .contains("WAL Level Configuration (wal-level, source)");
  }

  @Test
  void tellsEveryAttemptAndEventOfTheHistory() {
    StatusReport status = status();
    var history =
        new HistoryReport(
            "shop", NOON, "ready", NOON, status.steps(), status.attempts(), status.recentEvents());
    assertThat(new HistoryText(history, Style.plain()).render())
        .contains("Migration shop, begun ", "now ready")
        .containsPattern("load +.* 2.0 s +failed DISK_FULL +host, process 6 \\(run 1\\)")
        .contains("DISK_FULL: No room is left")
        .endsWith(" ! x  Look here");
  }

  @Test
  void showsWhereTheMigrationStands() {
    String text = new StatusText(status(), Style.plain()).render();
    assertThat(text)
        .contains("Migration shop (full-load-and-cdc): READY since")
        .contains("Running by host, process 7")
        .contains("load  done           2  5.0 s")
        .contains("public.item  copied   900        ~1,000  8.0 kB")
        .contains("Applied 7 transactions: 5 inserts, 4 updates, 3 deletes, 1 truncates")
        .contains("Lag 16 B: applied 0/10")
        .contains("Slot s holds back 1.0 kB of WAL (reserved)")
        .contains("To watch: wal-retained is 2,000 bytes (limit 3,000)")
        .contains("public.item          900          900        0      0          0  abc")
        .endsWith(" ! Look here");
  }

  @Test
  void namesTheKeysThatDiffer() {
    var equal = new Comparison(result("a", 0), List.of("id"), List.of(), Comparison.Extent.WHOLE);
    var different =
        new Comparison(
            result("b", 2),
            List.of("id", "at"),
            List.of(new Comparison.Difference(Comparison.Kind.MISSING, "(7,\"a b\")", List.of())),
            Comparison.Extent.WHOLE);
    assertThat(ValidationText.of(List.of(equal), Style.plain()))
        .endsWith("Equal: 900 rows in 1 table are the same on both sides.");
    assertThat(ValidationText.of(List.of(equal, different), Style.plain()))
        .endsWith(
            """
            DIFFERENT

            public.b by id, at
              missing    (7,"a b")
              and 1 more

            Different: 1 of 2 tables.""");
  }

  @Test
  void writesReportsAsJsonWithoutInternals() throws IOException {
    JsonNode json =
        new JsonMapper().readTree(JsonOutput.result("status", 0, status())).path("result");
    assertThat(json.path("phase_since").asText()).isEqualTo("2026-01-02T12:00:00Z");
    assertThat(json.path("steps").path(0).path("status").asText()).isEqualTo("done");
    assertThat(json.path("steps").path(0).has("outcome")).isFalse();
    assertThat(json.path("validation").path(0).path("table").asText()).isEqualTo("public.item");
    assertThat(json.path("validation").path(0).path("at").asText()).isEqualTo("0/10");
    assertThat(json.path("recent_events").path(0).path("level").asText()).isEqualTo("warning");

    JsonNode findings =
        new JsonMapper().readTree(JsonOutput.result("assess", 3, assessment())).path("result");
    JsonNode finding = findings.path("findings").path(0);
    assertThat(finding.path("severity").asText()).isEqualTo("blocks");
    assertThat(finding.path("code").asText()).isEqualTo("SOURCE_NOT_LOGICAL");
    assertThat(finding.path("side").asText()).isEqualTo("source");
    JsonNode planned = findings.path("inventory").path("schema").path(1);
    assertThat(planned.path("object").asText()).isEqualTo("PUBLICATION p");
    assertThat(planned.path("decision").asText()).isEqualTo("skip");
    assertThat(planned.path("stage").asText()).isEqualTo("after");
  }

  private static ValidationResults.Result result(String table, long missing) {
    return new ValidationResults.Result(
        new QualifiedName("public", table),
        Optional.of(Lsn.parse("0/10")),
        900,
        900 - missing,
        missing,
        0,
        0,
        "abc",
        NOON,
        NOON);
  }

  private static StatusReport status() {
    return new StatusReport(
        "shop",
        "full-load-and-cdc",
        "ready",
        NOON,
        true,
        Optional.of("host, process 7"),
        List.of(
            new StepLog.Step(
                "load",
                StepLog.Status.DONE,
                2,
                Optional.of(NOON),
                Optional.of(NOON.plusSeconds(5)),
                Optional.of("{}"),
                Optional.empty())),
        List.of(
            new StepAttempts.Attempt(
                "load",
                1,
                Optional.of("host, process 6"),
                NOON,
                Optional.of(NOON.plusSeconds(2)),
                StepAttempts.Outcome.FAILED,
                Optional.of("DISK_FULL"),
                Optional.of("DISK_FULL: No room is left"))),
        List.of(
            new Gauge(
                "wal-retained",
                "WAL held back",
                2_000,
                1_500,
                3_000,
                "bytes",
                Gauge.Level.WARNING)),
        List.of(new StatusReport.TableLoad("public.item", "copied", 900, 1000, 8192)),
        Optional.of(new StatusReport.Applied(7, 5, 4, 3, 1, 4096, 0)),
        Optional.of(new StatusReport.Replication("s", "0/20", "0/10", 16, NOON, 1024, "reserved")),
        List.of(),
        Optional.of(340L),
        Optional.of(
            new StatusReport.Spool("host", "/spool", 2048, 4096, "0/10", "0/18", 8, true, NOON)),
        Optional.empty(),
        List.of(result("item", 0)),
        List.of(
            new TableProof(
                "public.item",
                TableProof.State.PROVEN,
                "proven at 0/10, not changed since",
                Optional.of("0/10"),
                Optional.empty(),
                Optional.of(NOON))),
        Optional.of(
            new StatusReport.Comparing(
                2,
                1,
                500,
                1000,
                4096,
                8192,
                List.of(
                    new StatusReport.TableComparing("public.item", 500, 900, 4096, 8000, NOON)))),
        new StatusReport.EventCounts(0, 1, 0),
        List.of(new Event(NOON, Event.Level.WARNING, "x", "Look here")),
        Optional.of(
            new PendingChange(
                "d", "0/10", NOON, false, List.of("table a.b is new"), List.of(), List.of())),
        Optional.of(new StatusReport.Reverse("b", "0/40", "0/30", 16, NOON, 2048, "reserved")),
        List.of(
            new NoticeLog.Channel(
                "mail", 3, Optional.of(NOON), Optional.of(NOON), Optional.of("refused"))));
  }

  private static AssessmentReport assessment() {
    var server = new Inventory.Server("u@h:5432/shop", "u", "PostgreSQL", "15.1", "UTF8", 1 << 20);
    return new AssessmentReport(
        List.of(
            new Finding(
                "wal-level",
                "WAL Level Configuration",
                Finding.Severity.BLOCKS,
                Side.SOURCE,
                List.of("wal_level"),
                "wal_level is replica",
                "changes are read from the WAL",
                "ALTER SYSTEM SET wal_level = logical;\n-- and restart",
                List.of(),
                ErrorCode.SOURCE_NOT_LOGICAL)),
        List.of(
            new AssessmentReport.Outcome(
                "wal-level",
                "WAL Level Configuration",
                Side.SOURCE,
                AssessmentReport.Status.FOUND,
                ""),
            new AssessmentReport.Outcome(
                "slots",
                "Free Slots",
                Side.SOURCE,
                AssessmentReport.Status.SKIPPED,
                "not for full-load")),
        new Inventory(
            server,
            server,
            List.of(
                new Inventory.Item(
                    "public.item",
                    Table.Kind.ORDINARY,
                    ObjectSet.Replication.STREAMED,
                    List.of("id"),
                    3,
                    1000,
                    8192)),
            List.of("public.item_id_seq"),
            List.of("plpgsql 1.0"),
            2,
            1000,
            8192,
            List.of(
                planned("TRIGGER item audit", Decision.DEFER, Stage.OPENING, "acts at the cutover"),
                planned("PUBLICATION p", Decision.SKIP, Stage.AFTER, "the source's own"))));
  }

  private static Inventory.Planned planned(
      String object, Decision decision, Stage stage, String reason) {
    return new Inventory.Planned(object, decision, stage, reason);
  }
}
