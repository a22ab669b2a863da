package dev.pgportage.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.aws.FakeAws;
import dev.pgportage.aws.FakeDms;
import dev.pgportage.aws.FakeWorkflows.Script;
import dev.pgportage.testing.TestDatabase;
import java.io.IOException;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.NullUnmarked;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * The whole road by AWS DMS as its user types it: an AWS of the tests' own that carries the real
 * template out, and two real databases between which rows are copied as DMS does, and no more.
 */
@NullUnmarked // The fields are set when both databases are there.
class AwsJourneyIT {
  private static final String STACK = AwsTerminal.STACK;
  private static final String GROUP = "sg-source";
  private static final String SCHEMA =
      """
      CREATE TABLE public.customer (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);
      CREATE TABLE public."Weird ""Ta"" ble" (
        id serial PRIMARY KEY, customer int NOT NULL REFERENCES public.customer, note text);
      CREATE TABLE public.keyless (a int, b text);
      CREATE TABLE public.nothing (id bigserial PRIMARY KEY);
      CREATE INDEX note_index ON public."Weird ""Ta"" ble" (note);
      CREATE FUNCTION public.touch() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN NEW.note := NEW.note || ''!''; RETURN NEW; END';
      CREATE TRIGGER touch BEFORE INSERT ON public."Weird ""Ta"" ble"
        FOR EACH ROW EXECUTE FUNCTION public.touch();
      CREATE MATERIALIZED VIEW public.names AS SELECT name FROM public.customer;
      INSERT INTO public.customer (name) SELECT 'c' || g FROM generate_series(1, 50) g;
      INSERT INTO public."Weird ""Ta"" ble" (customer, note)
        SELECT g, 'n' || g FROM generate_series(1, 50) g;
      INSERT INTO public.keyless VALUES (1, 'x'), (1, 'x'), (NULL, E'back\\\\slash');
      """;

  private AwsTerminal terminal;
  private FakeAws aws;
  private TestDatabase source;
  private TestDatabase target;

  @Tag("long")
  @Test
  void carriesDatabaseFromDeploymentToDeletion() throws SQLException, IOException {
    try (var opened = new AwsTerminal(TestDatabase.source(15), TestDatabase.target(17))) {
      terminal = opened;
      aws = opened.aws;
      source = opened.source.execute(SCHEMA);
      target = opened.target;
      String slot = toReady();
      refusesAndOpensTheSourceAgain();
      source.execute("INSERT INTO public.customer (name) VALUES ('last')");
      tellsEveryCallOfTheCutoverAndMakesNone();
      cutsOver();
      deletesTheFirstTime(slot);
    }
  }

  /** Deploys, makes the tables, and lets DMS load and replicate; returns DMS's slot. */
  private String toReady() throws SQLException {
    terminal.deploy();
    assertThat(aws.stacks.parameters(STACK))
        .containsEntry("SourceDatabaseName", source.name())
        .containsEntry("SourcePassword", TestDatabase.PASSWORD);
    String task = aws.stacks.physical(STACK, "ReplicationTask");
    var dms = new FakeDms(source, target);
    aws.workflows.whenStarted(_ -> dms.carry());
    aws.workflows.script(Script.ok("Begin", "Start task", "Wait for load", "Tell ready"));
    aws.workflows.table("customer", "Validated", 0);
    terminal.succeeds("start", "--dry-run");
    assertThat(constraints("p")).isZero();
    terminal.succeeds("start", "--follow");
    assertThat(aws.workflows.inputs().getLast()).contains(task, "\"sourcePort\":\"");
    assertThat(constraints("p")).isEqualTo(3);
    assertThat(constraints("f")).isZero();
    assertThat(target.number("SELECT count(*) FROM public.customer")).isEqualTo(50);
    String slot = dms.begin(task);
    terminal.succeeds("status");
    assertThat(terminal.out()).contains("running, full load 100 %", "DashboardURL");
    return slot;
  }

  private void refusesAndOpensTheSourceAgain() throws SQLException {
    aws.workflows.script(
        new Script(List.of("Begin cutover"), "FAILED", "", "NotDrained", "Changes still come in."));
    assertThat(terminal.run("cutover", "--yes")).isEqualTo(1);
    assertThat(terminal.err())
        .contains("AWS_WORKFLOW_FAILED", "NotDrained: Changes still come in.");
    assertThat(terminal.isFenced()).isFalse();
    // DMS says that it is done, and is not: the comparison of every row finds it.
    aws.workflows.script(Script.ok("Begin cutover", "Done"));
    aws.workflows.whenStarted(_ -> {});
    source.execute("UPDATE public.keyless SET b = 'y' WHERE a IS NULL");
    assertThat(terminal.run("cutover", "--yes")).isEqualTo(3);
    assertThat(terminal.err()).contains("DATA_DIFFERS", "public.keyless differs");
    assertThat(terminal.isFenced()).isFalse();
    assertThat(constraints("f")).isZero();
  }

  private void tellsEveryCallOfTheCutoverAndMakesNone() throws SQLException {
    int before = aws.workflows.inputs().size();
    terminal.succeeds("cutover", "--dry-run");
    assertThat(terminal.err())
        .contains("asks        dms:DescribeReplicationTasks")
        .containsSubsequence(
            "would       stop writes on",
            "would call  states:StartExecution",
            "would       compare every row",
            "would       set every sequence",
            "would       make foreign keys");
    assertThat(terminal.out()).contains("Nothing was stopped.");
    assertThat(aws.workflows.inputs()).hasSize(before);
    assertThat(terminal.isFenced()).isFalse();
  }

  private void cutsOver() throws SQLException {
    var dms = new FakeDms(source, target);
    aws.workflows.whenStarted(
        input -> {
          assertThat(input).contains("\"phase\":\"cutover\"");
          dms.carry();
          aws.workflows.task("stopped", 100, 1);
        });
    terminal.succeeds("cutover", "--yes");
    assertThat(terminal.out()).contains("Cut over.", "4 tables, 104 rows", "sequences set   3");
    assertThat(terminal.isFenced()).isTrue();
    assertThat(constraints("f")).isOne();
    assertThat(
            target.number(
                "SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'O'"))
        .isOne();
    assertThat(target.number("SELECT count(*) FROM public.names")).isEqualTo(51);
    assertThat(target.number("SELECT nextval('public.customer_id_seq')")).isEqualTo(1052);
    assertThat(target.number("SELECT nextval('public.nothing_id_seq')")).isOne();
  }

  private void deletesTheFirstTime(String slot) throws SQLException {
    String bucket = aws.stacks.physical(STACK, "PreMigrationAssessmentBucket");
    aws.buckets.fill(bucket, 4);
    aws.network.rule("sgr-1", GROUP, STACK);
    terminal.succeeds("delete", "--dry-run");
    assertThat(terminal.err())
        .contains("would call  s3:DeleteObjectVersion", "would call  cloudformation:DeleteStack");
    assertThat(terminal.out())
        .contains("would remove source: SELECT pg_drop_replication_slot('" + slot + "')")
        .contains("would remove source: DROP TABLE \"public\".\"awsdms_ddl_audit\"");
    assertThat(aws.stacks.status(STACK)).hasValue("CREATE_COMPLETE");
    assertThat(AwsTerminal.traces(source)).isEqualTo(4);
    terminal.succeeds("delete", "--yes", "--keep-databases");
    assertThat(aws.count("cloudformation:DeleteStack")).isOne();
    assertThat(aws.stacks.status(AwsTerminal.STACK)).hasValue("DELETE_COMPLETE");
    assertThat(aws.buckets.exists(bucket)).isFalse();
    assertThat(aws.network.rules()).isZero();
    assertThat(AwsTerminal.traces(source)).isEqualTo(4);
    // Without the stack its slot is still known by the deleted task.
    terminal.succeeds("delete", "--yes");
    assertThat(terminal.err()).contains("There is no stack " + AwsTerminal.STACK);
    assertThat(terminal.out()).contains("replication slot " + slot);
    assertThat(AwsTerminal.traces(source)).isZero();
    assertThat(AwsTerminal.traces(target)).isZero();
    assertThat(terminal.isFenced()).isFalse();
    assertThat(target.number("SELECT count(*) FROM public.customer")).isEqualTo(51);
  }

  private long constraints(String type) throws SQLException {
    return target.number(
        "SELECT count(*) FROM pg_constraint WHERE convalidated AND contype = '"
            + type
            + "' AND connamespace = 'public'::regnamespace AND conrelid::regclass::text !~ 'awsdms'");
  }
}
