package dev.pgportage.workflow;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.Move;
import dev.pgportage.cutover.Sequences;
import dev.pgportage.cutover.SwitchHooks;
import dev.pgportage.load.CopyRoute;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Sequence;
import dev.pgportage.spool.SpoolGauge;
import dev.pgportage.state.ApplyProgress;
import dev.pgportage.state.ComparingTables;
import dev.pgportage.state.EventLog;
import dev.pgportage.state.LagNote;
import dev.pgportage.state.Lease;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.Requests;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.state.RestoredObjects;
import dev.pgportage.state.Run;
import dev.pgportage.state.SchemaChanges;
import dev.pgportage.state.SequencesSet;
import dev.pgportage.state.SpoolNote;
import dev.pgportage.state.StateStore;
import dev.pgportage.state.StepLog;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One attempt at a migration: the lease, the control connection on the target, and the state's
 * ledgers for its run. Used by one thread; closing it lets the next attempt begin.
 */
final class Session implements AutoCloseable {
  private static final JsonMapper JSON = JsonMapper.builder().findAndAddModules().build();

  private static final Logger LOG = LoggerFactory.getLogger(Session.class);

  private final MigrationConfig config;
  private final Databases databases;
  private final Supervision supervision;
  private final Lease lease;
  private final Connection control;
  private OpenSpools watched = new OpenSpools();
  private final Map<Integer, SpoolGauge> noted = new HashMap<>();

  private Session(
      MigrationConfig config,
      Databases databases,
      Supervision supervision,
      Lease lease,
      Connection control) {
    this.config = config;
    this.databases = databases;
    this.supervision = supervision;
    this.lease = lease;
    this.control = control;
  }

  /** A step's work: returns what it leaves for later steps. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws SQLException;
  }

  /**
   * Takes the lease; the migration must be entered in the state.
   *
   * @throws MigrationException LEASE_HELD if another process runs it
   */
  static Session open(MigrationConfig config, Databases databases, Supervision supervision) {
    Lease lease = StateStore.lease(databases.target(), config.name(), holder());
    try {
      endFormerSessions(databases.source());
      Connection control = databases.target().open("control");
      return new Session(config, databases, supervision, lease, control);
    } catch (RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  /**
   * A former run may sleep right before it changes the source, and wake up later: what it would do
   * that with is ended, as far as the source answers. On the target the lease has seen to it.
   */
  private static void endFormerSessions(Database source) {
    try (Connection connection = source.open("status")) {
      Sql.query(
          connection,
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = current_database() AND usename = session_user
            AND starts_with(application_name, ?)
            AND application_name ~ ' (fence|setup|slot|stream|snapshot|mark|heartbeat|copy-[0-9]+)$'
            AND pid <> pg_backend_pid()
          """,
          row -> row.getString(1),
          source.application() + " ");
    } catch (SQLException | MigrationException e) {
      // Whoever needs the source next tells why it does not answer; after a cutover nobody does.
      LOG.debug("Ending a former run's sessions on the source: {}", e.getClass());
    }
  }

  private static String holder() {
    return host() + ", process " + ProcessHandle.current().pid();
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("a host without a name");
    }
  }

  MigrationConfig config() {
    return config;
  }

  Database source() {
    return databases.source();
  }

  Database target() {
    return databases.target();
  }

  /** The same attempt seen the other way round: what is written on the target flows back. */
  Session reversed() {
    return new Session(config, databases.reversed(), supervision, lease, control);
  }

  /** What leads clients from side to side. */
  SwitchHooks hooks() {
    return new SwitchHooks(config);
  }

  /** The writes' way, as hooks are told of it. */
  Move move(Move.Direction direction) {
    boolean back = direction == Move.Direction.ROLLBACK;
    return new Move(
        config.name(),
        direction,
        back ? config.target() : config.source(),
        back ? config.source() : config.target());
  }

  /** Where the migration's state is, whichever way rows flow. */
  Database state() {
    return databases.state();
  }

  Databases databases() {
    return databases;
  }

  boolean replicaRole() {
    return databases.targetMayReplicate();
  }

  /** How rows are copied from side to side. */
  CopyRoute copyRoute() {
    boolean alone =
        config.schema().mode() == MigrationConfig.Schema.Mode.MANAGED
            && target().side() == Side.TARGET;
    return new CopyRoute(source(), target(), replicaRole(), alone);
  }

  /** A position in the WAL that comes after everything committed before now. */
  Lsn mark() throws SQLException {
    try (Connection connection = source().open("mark")) {
      return Replication.mark(connection);
    }
  }

  /**
   * Sets sequences on the target ahead of the source's.
   *
   * @return how many
   */
  int carrySequences(List<Sequence> sequences) throws SQLException {
    try (Connection source = source().open("sequences");
        Connection target = target().open("sequences")) {
      return Sequences.carry(source, target, sequences, config.cutover().sequenceHeadroom());
    }
  }

  Monitor monitor() {
    return supervision.recorder();
  }

  Run run() {
    return lease.run();
  }

  Connection control() {
    return control;
  }

  StepLog steps() {
    return new StepLog(config.name());
  }

  LoadLedger loadLedger() {
    return new LoadLedger(run());
  }

  ApplyProgress applyProgress() {
    return new ApplyProgress(run());
  }

  RestoredObjects restoredObjects() {
    return new RestoredObjects(run());
  }

  SchemaChanges schemaChanges() {
    return new SchemaChanges(config.name());
  }

  ResourceLedger resources() {
    return new ResourceLedger(config.name());
  }

  ValidationResults results() {
    return new ValidationResults(config.name());
  }

  SequencesSet sequencesSet() {
    return new SequencesSet(config.name());
  }

  ComparingTables comparing() {
    return new ComparingTables(run());
  }

  Requests requests() {
    return new Requests(config.name());
  }

  /** From now on, how full these spools are goes to the state, too. */
  void watch(OpenSpools spools) {
    watched = spools;
    noted.clear();
  }

  /** Makes sure that this process still has its turn, and writes waiting events. */
  void heartbeat() throws SQLException {
    requireNotCondemned();
    lease.check();
    write();
  }

  private void write() throws SQLException {
    supervision.recorder().flush(control, new EventLog(config.name()));
    supervision.recorder().writeLag(control, new LagNote(config.name()));
    for (Map.Entry<Integer, SpoolGauge> now : watched.gauges().entrySet()) {
      SpoolGauge gauge = now.getValue();
      if (!gauge.equals(noted.put(now.getKey(), gauge))) {
        new SpoolNote(config.name(), now.getKey())
            .fill(
                control,
                new SpoolNote.Fill(
                    gauge.bytes(), gauge.mostBytes(), gauge.from(), gauge.to(), gauge.full()));
      }
    }
  }

  /** Writes waiting events while work goes on that outlives a lost session: so must this. */
  void writeEvents() {
    requireNotCondemned();
    try {
      write();
    } catch (SQLException e) {
      // The events wait for the next session; whoever needs this one next tells of it.
      supervision.recorder().progress();
    }
  }

  private void requireNotCondemned() {
    supervision
        .verdict()
        .ifPresent(
            reason -> {
              throw reason;
            });
  }

  /** Whether comparisons are held up to spare the source. */
  boolean isHeldUp() {
    return supervision.isHeldUp();
  }

  /** Waits while comparisons are held up to spare the source. */
  void awaitGo() {
    supervision.awaitGo();
  }

  void phase(String phase) throws SQLException {
    StateStore.phase(control, run(), phase);
  }

  /**
   * Does a step unless it is done; returns its outcome either way.
   *
   * @param outcomeType a record, kept as JSON in the state
   */
  <T> T step(StepName name, Class<T> outcomeType, Work<T> work) throws SQLException {
    Optional<StepLog.Step> former = steps().find(control, name.label());
    if (former.isPresent() && former.get().status() == StepLog.Status.DONE) {
      supervision.begin(name);
      return read(former.get().outcome().orElseThrow(), outcomeType);
    }
    return redo(name, work);
  }

  /** Does a step, whether it was done before or not. */
  <T> T redo(StepName name, Work<T> work) throws SQLException {
    supervision.begin(name);
    steps().begin(control, run(), name.label(), name.position());
    monitor().event(Event.info("step." + name.label(), "Step " + name.label() + " begins"));
    phase(name.label());
    try {
      T outcome = work.run();
      done(control, name, outcome);
      heartbeat();
      return outcome;
    } catch (SQLException e) {
      throw noteFailure(
          name, SqlFailures.translate(e, ErrorCode.SQL_FAILED, "In step " + name.label()));
    } catch (MigrationException e) {
      throw noteFailure(name, e);
    }
  }

  /** Notes in a transaction that a step is done, and what it leaves. */
  void done(Connection transaction, StepName name, Object outcome) throws SQLException {
    steps().done(transaction, run(), name.label(), write(outcome));
  }

  /** The same as {@link #isDone}, of a step whose commit may be under way, by a fresh session. */
  boolean isSettled(StepName name) throws SQLException {
    try (Connection fresh = state().open("control")) {
      return steps().isSettled(fresh, name.label());
    }
  }

  /** Whether a step is done. */
  boolean isDone(StepName name) throws SQLException {
    return steps().isDone(control, name.label());
  }

  /** What a finished step left. */
  <T> Optional<T> outcome(StepName name, Class<T> type) throws SQLException {
    return steps()
        .find(control, name.label())
        .filter(step -> step.status() == StepLog.Status.DONE)
        .flatMap(StepLog.Step::outcome)
        .map(json -> read(json, type));
  }

  private MigrationException noteFailure(StepName name, MigrationException failed) {
    MigrationException failure = supervision.verdict().orElse(failed);
    tellFailure(name, failure);
    try {
      steps().failed(control, run(), name.label(), failure);
      supervision.recorder().flush(control, new EventLog(config.name()));
    } catch (SQLException | MigrationException e) {
      failure.addSuppressed(e);
    }
    return failure;
  }

  /** Tells of a failure as its step's, once. */
  private void tellFailure(StepName name, MigrationException failure) {
    if (failure.code() == ErrorCode.INTERRUPTED || !supervision.tell(failure)) {
      return;
    }
    boolean ends = !RetryPolicy.isPassing(failure) && !name.isOfCutover();
    monitor()
        .event(
            new Event(
                Instant.now(),
                ends ? Event.Level.ERROR : Event.Level.WARNING,
                "step.failed",
                "Step " + name.label() + " failed: " + failure.code() + ": " + failure.what()));
  }

  /** Tells what ended an attempt between its steps, or while it was READY. */
  void tellEnd(MigrationException failure) {
    supervision.step().ifPresent(step -> tellFailure(step, supervision.verdict().orElse(failure)));
  }

  static String write(Object value) {
    try {
      return JSON.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write an outcome as JSON", e);
    }
  }

  static <T> T read(String json, Class<T> type) {
    try {
      return JSON.readValue(json, type);
    } catch (JsonProcessingException e) {
      throw new MigrationException(
          ErrorCode.STATE_NEWER, "The state holds an outcome this version cannot read", e);
    }
  }

  @Override
  public void close() {
    try (lease;
        control) {
      Sql.execute(control, "ROLLBACK");
      supervision.recorder().flush(control, new EventLog(config.name()));
    } catch (SQLException e) {
      // The events wait for the next session; the steps' own commits stand.
      supervision.recorder().progress();
    }
  }
}
