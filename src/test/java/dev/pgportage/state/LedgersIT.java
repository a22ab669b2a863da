package dev.pgportage.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.telemetry.Event;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LedgersIT {
  private static final QualifiedName TABLE = new QualifiedName("public", "odd \"name\"");

  private final TestDatabase fixture;
  private final Connection connection;
  private Run run = new Run("shop", 0);

  LedgersIT() throws SQLException {
    fixture = TestDatabase.target(15);
    connection = new Database(fixture.endpoint(), "pgportage shop").open("control");
  }

  @BeforeEach
  void enter() throws SQLException {
    StateStore.create(connection);
    StateStore.enter(connection, "shop", "cdc", "1/x", "hash");
    run = new Run("shop", 0);
  }

  @AfterEach
  void close() throws SQLException {
    connection.close();
    fixture.close();
  }

  @Test
  void walksATableThroughItsStates() throws SQLException {
    var ledger = new LoadLedger(run);
    ledger.plan(connection, TABLE, 100, 10);
    ledger.plan(connection, TABLE, 100, 10);
    assertThat(ledger.tables(connection)).containsEntry(TABLE, new TableState.Planned());
    assertThat(ledger.table(connection, TABLE)).hasValue(new TableState.Planned());
    var copying = new TableState.Planned().copying(Lsn.parse("0/10"));
    ledger.save(connection, TABLE, copying);
    assertThat(ledger.cuts(connection)).isEmpty();
    ledger.saveCut(connection, TABLE, new LoadLedger.Cut(4, 128), 7);
    assertThat(ledger.cuts(connection)).containsOnly(entry(TABLE, new LoadLedger.Cut(4, 128)));
    ledger.saveChunk(connection, TABLE, 0, 7, 70);
    ledger.saveChunk(connection, TABLE, 3, 3, 30);
    assertThat(ledger.chunks(connection, TABLE)).containsExactly(0, 3);
    assertThat(ledger.copiedRows(connection)).containsEntry(TABLE, 10L);
    ledger.forgetChunks(connection, TABLE);
    assertThat(ledger.chunks(connection, TABLE)).isEmpty();
    ledger.save(connection, TABLE, copying.restarted(Lsn.parse("0/20")).copied());
    assertThat(ledger.tables(connection))
        .containsEntry(TABLE, new TableState.Copied(Lsn.parse("0/20")));
  }

  @Test
  void keepsStepsThroughFailureAndSuccess() throws SQLException {
    var steps = new StepLog("shop");
    steps.begin(connection, run, "load", 3);
    steps.failed(
        connection, run, "load", new MigrationException(ErrorCode.DISK_FULL, "No room is left"));
    assertThat(steps.find(connection, "load").orElseThrow())
        .returns(StepLog.Status.FAILED, StepLog.Step::status)
        .returns(1, StepLog.Step::attempts);
    assertThat(steps.isDone(connection, "load")).isFalse();
    steps.begin(connection, run, "load", 3);
    steps.done(connection, run, "load", "{}");
    assertThat(steps.find(connection, "load").orElseThrow())
        .returns(StepLog.Status.DONE, StepLog.Step::status)
        .returns(2, StepLog.Step::attempts)
        .satisfies(step -> assertThat(step.outcome()).hasValue("{}"))
        .satisfies(step -> assertThat(step.error()).isEmpty());
    assertThat(steps.isDone(connection, "load")).isTrue();
    steps.forget(connection, run, "load");
    assertThat(steps.all(connection)).isEmpty();
    steps.begin(connection, run, "load", 3);
    steps.begin(connection, run, "ready", 9);
    assertThat(new StepAttempts("shop").all(connection))
        .extracting(attempt -> attempt.step() + " " + attempt.outcome())
        .containsExactly("load FAILED", "load DONE", "load ABANDONED", "ready RUNNING");
    assertThat(new StepAttempts("shop").all(connection).getFirst().errorCode())
        .hasValue("DISK_FULL");
  }

  @Test
  void listsWhatIsToBeTakenBackNewestFirst() throws SQLException {
    var ledger = new ResourceLedger("shop");
    var publication = ledger.plan(connection, Side.SOURCE, "publication", "p", "DROP …");
    var slot = ledger.plan(connection, Side.SOURCE, "slot", "s", "SELECT …");
    ledger.made(connection, slot);
    assertThat(ledger.open(connection))
        .extracting(ResourceLedger.Resource::name, ResourceLedger.Resource::made)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("s", true),
            org.assertj.core.groups.Tuple.tuple("p", false));
    ledger.undone(connection, publication);
    assertThat(ledger.open(connection, "publication")).isEmpty();
    assertThat(ledger.open(connection, "slot")).hasSize(1);
    var both = List.of(ledger.plan(connection, Side.SOURCE, "publication", "q", "DROP …"), slot);
    ledger.made(connection, both);
    assertThat(ledger.open(connection)).hasSize(2).allMatch(ResourceLedger.Resource::made);
    ledger.undone(connection, both);
    assertThat(ledger.open(connection)).isEmpty();
  }

  @Test
  void handsARequestToOneTaker() throws SQLException {
    var requests = new Requests("shop");
    long id = requests.post(connection, RequestKind.CUTOVER, "{\"auto\":true}");
    assertThat(requests.read(connection, id))
        .returns(false, Requests.Request::taken)
        .returns("{\"auto\":true}", Requests.Request::parameters);
    assertThat(requests.take(connection))
        .hasValueSatisfying(
            taken ->
                assertThat(taken)
                    .returns(id, Requests.Request::id)
                    .returns(RequestKind.CUTOVER, Requests.Request::kind)
                    .returns("{\"auto\":true}", Requests.Request::parameters));
    assertThat(requests.take(connection)).isEmpty();
    requests.finish(connection, id, null, "FENCE_FAILED: …");
    assertThat(requests.read(connection, id))
        .returns(true, Requests.Request::finished)
        .satisfies(request -> assertThat(request.error()).hasValue("FENCE_FAILED: …"));
  }

  @Test
  void keepsEventsInOrder() throws SQLException {
    var log = new EventLog("shop");
    log.append(connection, Event.info("a", "first"));
    log.append(connection, Event.warning("b", "second"));
    var all = log.after(connection, 0);
    assertThat(all).extracting(entry -> entry.event().message()).containsExactly("first", "second");
    assertThat(log.after(connection, all.getFirst().id())).hasSize(1);
  }

  @Test
  void leavesNothingAfterTheLastMigration() throws SQLException {
    StateStore.enter(connection, "other", "cdc", "1/x", "hash");
    StateStore.remove(connection, "shop");
    assertThat(StateStore.exists(connection)).isTrue();
    StateStore.remove(connection, "other");
    assertThat(StateStore.exists(connection)).isFalse();
  }
}
