package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.FakeAws;
import dev.pgportage.aws.FakeDms;
import dev.pgportage.aws.FakeStacks;
import dev.pgportage.aws.FakeWorkflows;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.workflow.AccompaniedCutover;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What pgportage does around rows that AWS DMS carries; here the test carries them. */
class CarriedByOthersIT {
  private static final String SCHEMA =
      """
      CREATE TABLE public.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
      CREATE TABLE public."Weird ""Ta"" ble" (
        id serial PRIMARY KEY, customer int NOT NULL REFERENCES public.customer, note text);
      CREATE INDEX note_index ON public."Weird ""Ta"" ble" (note);
      CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN NEW.note := NEW.note || ''!''; RETURN NEW; END';
      CREATE TRIGGER touch BEFORE INSERT ON public."Weird ""Ta"" ble"
        FOR EACH ROW EXECUTE FUNCTION public.touch();
      CREATE MATERIALIZED VIEW public.names AS SELECT name FROM public.customer;
      INSERT INTO public.customer (name) SELECT 'c' || g FROM generate_series(1, 50) g;
      INSERT INTO public."Weird ""Ta"" ble" (customer, note)
        SELECT g, 'n' || g FROM generate_series(1, 50) g;
      """;

  /** DMS's own on the source, which is nobody's business. */
  private static final String OF_DMS =
      "CREATE TABLE public.awsdms_ddl_audit (c_key bigserial PRIMARY KEY, c_ddlqry text)";

  @Test
  void makesBeforeAndAfterWhatDmsLeavesOut() throws SQLException, IOException {
    try (Journey journey = Journey.between(15, 17)) {
      journey.source().execute(SCHEMA);
      assertThat(journey.migration().makeTables().made()).isPositive();
      assertThat(
              journey
                  .target()
                  .number(
                      "SELECT count(*) FROM pg_index WHERE indrelid = 'public.\"Weird \"\"Ta\"\" ble\"'::regclass"))
          .isEqualTo(2);
      assertThat(constraints(journey)).isZero();
      assertThat(triggers(journey)).isZero();
      assertThat(journey.migration().makeTables().made()).isZero();
      journey.source().execute(OF_DMS);
      AccompaniedCutover report = journey.migration().cutoverAfter(() -> carry(journey));
      assertThat(report.tablesProven()).isEqualTo(2);
      assertThat(report.rowsProven()).isEqualTo(100);
      assertThat(report.sequences()).isEqualTo(2);
      assertThat(constraints(journey)).isOne();
      assertThat(triggers(journey)).isOne();
      assertThat(journey.target().number("SELECT count(*) FROM public.names")).isEqualTo(50);
      assertThat(journey.target().number("SELECT nextval('public.customer_id_seq')"))
          .isEqualTo(1051);
      assertThat(journey.target().text("SELECT min(note) FROM public.\"Weird \"\"Ta\"\" ble\""))
          .hasValue("n1!");
      assertThat(isReadOnly(journey)).isTrue();
      assertThat(journey.migration().settleCutover().orElseThrow()).isEqualTo(report);
      assertThat(isReadOnly(journey)).isTrue();
      assertThat(journey.migration().cleanup().left()).isEmpty();
    }
  }

  @Test
  void opensTheSourceAgainWhenSomethingDiffers() throws SQLException, IOException {
    try (Journey journey = Journey.between(15, 17)) {
      journey.source().execute(SCHEMA);
      journey.migration().makeTables();
      fails(journey, () -> {}, ErrorCode.DATA_DIFFERS, "public.customer differs");
      fails(
          journey,
          () -> {
            throw new MigrationException(ErrorCode.AWS_WORKFLOW_FAILED, "NotDrained");
          },
          ErrorCode.AWS_WORKFLOW_FAILED,
          "NotDrained");
      assertThat(constraints(journey)).isZero();
      journey.migration().cutoverAfter(() -> carry(journey));
    }
  }

  @Test
  void opensTheSourceOrFinishesWhenRunAgainAfterItWasKilled() throws SQLException, IOException {
    try (var aws = new FakeAws();
        Journey journey = Journey.between(15, 17)) {
      journey.source().execute(SCHEMA);
      journey.migration().makeTables();
      stack(aws);
      cutover(aws, journey).dieAt(CrashPoint.CUTOVER_AFTER_DRAIN, 1);
      assertThat(isReadOnly(journey)).isTrue();
      Program.Ended refused = cutover(aws, journey).run();
      assertThat(refused.status()).as(refused.output()).isEqualTo(1);
      assertThat(refused.output())
          .contains("the source is writable again", "NOT_READY", "the DMS task is stopped");
      assertThat(isReadOnly(journey)).isFalse();
      journey.source().execute("INSERT INTO public.customer (name) VALUES ('meanwhile')");
      aws.workflows.task("running", 100, 1);
      aws.workflows.whenStarted(_ -> carryAndStop(aws, journey));
      cutover(aws, journey).dieAt(CrashPoint.CUTOVER_AFTER_OPEN, 1);
      assertThat(isReadOnly(journey)).isTrue();
      Program.Ended finished = cutover(aws, journey).run();
      assertThat(finished.status()).as(finished.output()).isZero();
      assertThat(finished.output()).contains("Cut over.", "2 tables, 101 rows");
      assertThat(isReadOnly(journey)).isTrue();
      assertThat(constraints(journey)).isOne();
      assertThat(triggers(journey)).isOne();
      assertThat(journey.target().number("SELECT count(*) FROM public.names")).isEqualTo(51);
    }
  }

  /** A stack whose DMS replicates, and stops without having carried anything when it is told to. */
  private static void stack(FakeAws aws) {
    aws.stacks.output("CutoverPayloadTemplate", "{\"phase\":\"cutover\"}");
    aws.stacks.add(
        "shop",
        "CREATE_COMPLETE",
        List.of(
            new FakeStacks.Made(
                "ReplicationTask", "AWS::DMS::ReplicationTask", "arn:aws:dms:e:1:task:TASKID"),
            new FakeStacks.Made(
                "MigrationStateMachine",
                "AWS::StepFunctions::StateMachine",
                FakeWorkflows.MACHINE)));
    aws.workflows.table("customer", "Validated", 0);
    aws.workflows.whenStarted(_ -> aws.workflows.task("stopped", 100, 1));
  }

  private static void carryAndStop(FakeAws aws, Journey journey) {
    carry(journey);
    aws.workflows.task("stopped", 100, 1);
  }

  private static Program cutover(FakeAws aws, Journey journey) {
    return journey
        .program("aws cutover", "--stack", "shop", "--yes")
        .with("AWS_ENDPOINT_URL", aws.url())
        .with("AWS_REGION", FakeAws.REGION)
        .with("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        .with("AWS_SECRET_ACCESS_KEY", "example")
        .with("AWS_CONFIG_FILE", "/nonexistent");
  }

  private static void fails(Journey journey, Runnable drain, ErrorCode code, String what)
      throws SQLException {
    assertThatThrownBy(() -> journey.migration().cutoverAfter(drain))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.what()).contains(what);
            });
    assertThat(isReadOnly(journey)).isFalse();
    journey.source().execute("INSERT INTO public.customer (name) VALUES ('written')");
    journey.source().execute("DELETE FROM public.customer WHERE name = 'written'");
  }

  /** Copies both tables, as DMS would have by then. */
  private static void carry(Journey journey) {
    new FakeDms(journey.source(), journey.target()).carry();
  }

  private static long constraints(Journey journey) throws SQLException {
    return journey
        .target()
        .number(
            "SELECT count(*) FROM pg_constraint WHERE contype = 'f' AND convalidated AND connamespace = 'public'::regnamespace");
  }

  private static long triggers(Journey journey) throws SQLException {
    return journey
        .target()
        .number("SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'");
  }

  private static boolean isReadOnly(Journey journey) throws SQLException {
    return journey
        .source()
        .text(
            "SELECT (setconfig @> ARRAY['default_transaction_read_only=on'])::text FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = current_database()")
        .filter("true"::equals)
        .isPresent();
  }
}
