package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.RelationChange;
import dev.pgportage.cdc.Replication;
import dev.pgportage.config.MigrationConfig.Ddl;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.ddl.Interim;
import dev.pgportage.ddl.Shape;
import dev.pgportage.ddl.ShapeReader.Reading;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.state.Requests;
import dev.pgportage.state.SchemaChanges;
import dev.pgportage.state.TableState;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Follows the source's schema while rows are loaded and replicated.
 *
 * <p>The target's shape is changed only at a moment at which everything the source committed in the
 * former shape is on the target: a mark is sent after the catalog was read, and applied. Where rows
 * of a new shape come before that, they are let in first (see {@link Interim}), or their table is
 * loaded again.
 */
final class Following implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final Duration BETWEEN_APPROVALS = Duration.ofMillis(300);
  private static final int MOST_IN_VAIN = 4;

  private static final Set<ErrorCode> OF_ROWS =
      Set.of(ErrorCode.APPLY_FAILED, ErrorCode.CONSTRAINT_VIOLATED, ErrorCode.SCHEMA_CHANGED);

  private final Session session;
  private final Plan plan;
  private final SchemaStage schema;
  private final StopSignal stop;
  private final Goal goal;
  private final AtomicInteger inVain;
  private final SourceWatch watch;
  private final Proposals proposals;
  private Optional<Shape> kept = Optional.empty();
  private Optional<Shape> drained = Optional.empty();
  private boolean waiting;

  /**
   * What one turn through the steps needs.
   *
   * @param inVain how often in a row a failure was answered by another turn without anything done
   */
  record Turn(
      Session session,
      Plan plan,
      SchemaStage schema,
      StopSignal stop,
      Goal goal,
      AtomicInteger inVain) {}

  Following(Turn turn) {
    this.session = turn.session;
    this.plan = turn.plan;
    this.schema = turn.schema;
    this.stop = turn.stop;
    this.goal = turn.goal;
    this.inVain = turn.inVain;
    this.watch = new SourceWatch(session);
    this.proposals = new Proposals(session, plan, schema);
  }

  /** Whether changes are followed at all; otherwise they end the migration. */
  boolean follows() {
    return kept.isPresent();
  }

  /** Keeps how the source looks with the plan that was made of it; does nothing if it is kept. */
  void begin() throws SQLException {
    boolean wanted =
        session.config().schema().mode() == Mode.MANAGED
            && session.config().type().loads()
            && session.config().ddl() != Ddl.STOP;
    if (!wanted) {
      return;
    }
    kept =
        session
            .schemaChanges()
            .shape(session.control())
            .map(json -> Session.read(json, Shape.class));
    if (kept.isEmpty() && !session.isDone(StepName.SLOT)) {
      Reading now = watch.look();
      schema.requireUnchanged();
      requirePlanned(now.objects());
      session
          .schemaChanges()
          .saveShape(session.control(), session.run(), Session.write(now.shape()));
      kept = Optional.of(now.shape());
    }
  }

  private void requirePlanned(ObjectSet now) {
    boolean same =
        now.tables().size() == plan.objects().tables().size()
            && now.tables().stream()
                .allMatch(
                    m ->
                        plan.objects()
                            .table(m.name())
                            .filter(t -> t.oid() == m.table().oid())
                            .filter(t -> t.columns().equals(m.table().columns()))
                            .filter(t -> t.key().equals(m.table().key()))
                            .isPresent());
    if (!same) {
      throw new MigrationException(
          ErrorCode.SCHEMA_CHANGED,
          "The source's schema changed while it was read",
          "Run 'cleanup', empty the target, and start again.",
          null);
    }
  }

  /** Whether the source still looks as planned, so that rows can be loaded by the plan. */
  boolean isAsPlanned() throws SQLException {
    return kept.isEmpty() || watch.look().shape().looksLike(kept.get());
  }

  /** Tables whose rows are not, or not all, on the target. */
  Set<QualifiedName> unloaded() throws SQLException {
    Map<QualifiedName, TableState> states = session.loadLedger().tables(session.control());
    var names = new HashSet<QualifiedName>();
    plan.objects().rowHolders().forEach(member -> names.add(member.name()));
    names.removeIf(name -> states.get(name) instanceof TableState.Copied);
    return names;
  }

  /**
   * Looks at the source, and waits until the change found can be made.
   *
   * @return whether there is one; then {@link #reconcile} is to be called once replication has
   *     ended
   */
  boolean settle(Replication replication) throws SQLException {
    if (!follows()) {
      return false;
    }
    Optional<Reading> now = wanted(watch.look());
    while (now.isPresent() && !isApproved(now.get())) {
      replication.check();
      pauseForApproval();
      now = wanted(again(now.get()));
    }
    if (now.isEmpty()) {
      return false;
    }
    drain(replication, now.get());
    return true;
  }

  /** As {@link #settle}, without waiting for an approval; looks only if something may be new. */
  boolean glance(Replication replication, boolean atOnce) throws SQLException {
    if (!follows()) {
      return false;
    }
    boolean approved = waiting && pending().filter(SchemaChanges.Pending::approved).isPresent();
    if (!watch.isDue() && !approved && !atOnce) {
      return false;
    }
    Optional<Reading> now = wanted(watch.look());
    waiting = now.isPresent() && !isApproved(now.get());
    if (now.isEmpty() || waiting) {
      return false;
    }
    drain(replication, now.get());
    return true;
  }

  private Optional<Reading> wanted(Reading now) throws SQLException {
    boolean changed = !now.shape().looksLike(kept.orElseThrow()) || !unloaded().isEmpty();
    if (changed) {
      protectWriters(now);
    } else {
      session.schemaChanges().settle(session.control(), session.run());
    }
    return changed ? Optional.of(now) : Optional.empty();
  }

  /**
   * A published table whose replica identity is gone refuses the application's UPDATE and DELETE:
   * it is published no longer, at once, whatever waits for an approval.
   */
  private void protectWriters(Reading now) throws SQLException {
    var sources = new SourceObjects(session, now.objects());
    Set<QualifiedName> refusing = sources.refusing();
    if (refusing.isEmpty()) {
      return;
    }
    var reconciliation = new Reconciliation(session, plan);
    for (ObjectSet.Member member : plan.objects().rowHolders()) {
      if (refusing.contains(member.name())) {
        reconciliation.suspend(member.name());
      }
    }
    sources.adjustPublication();
    session
        .monitor()
        .event(
            Event.warning(
                "ddl.unpublished",
                "Published no longer, because its rows cannot be identified any more: "
                    + refusing));
  }

  /**
   * Makes sure that no change of the schema waits, before the writes are moved.
   *
   * @throws MigrationException SCHEMA_CHANGED if one does
   */
  void requireNothingWaits() {
    if (waiting) {
      throw refusal();
    }
  }

  private Optional<SchemaChanges.Pending> pending() throws SQLException {
    return session.schemaChanges().pending(session.control());
  }

  /** Whether a change may be made; if not, it is shown and waits. */
  private boolean isApproved(Reading now) throws SQLException {
    if (session.config().ddl() == Ddl.APPLY || now.shape().looksLike(kept.orElseThrow())) {
      return true;
    }
    String digest = now.shape().digest();
    Optional<SchemaChanges.Pending> pending = pending();
    if (pending.filter(p -> p.digest().equals(digest)).isEmpty()) {
      Proposals.Proposal proposal = proposals.of(kept.orElseThrow(), now, unloaded());
      proposal.requirePossible();
      PendingChange shown = proposal.shown();
      session
          .schemaChanges()
          .await(
              session.control(),
              session.run(),
              digest,
              session.applyProgress().read(session.control()).orElse(Lsn.ZERO),
              Session.write(shown));
      session
          .monitor()
          .event(
              Event.warning(
                  "ddl.pending",
                  "The source's schema changed ("
                      + String.join("; ", shown.changes())
                      + "): 'pgportage approve-ddl' shows what will be done on the target"));
      return false;
    }
    return pending.get().approved();
  }

  /** Waits a moment; whoever asked for something is told why it cannot be done now. */
  private void pauseForApproval() throws SQLException {
    session.heartbeat();
    MigrationException refusal = refusal();
    Optional<Requests.Request> request = session.requests().take(session.control());
    if (request.isPresent()) {
      session
          .requests()
          .finish(
              session.control(),
              request.get().id(),
              null,
              Session.write(RequestFailure.of(refusal)));
    }
    if (goal instanceof Goal.Answered) {
      throw refusal;
    }
    stop.pause(BETWEEN_APPROVALS);
  }

  /** Reads the catalog again if something may be new. */
  private Reading again(Reading last) throws SQLException {
    return watch.isDue() ? watch.look() : last;
  }

  private MigrationException refusal() {
    return new MigrationException(
        ErrorCode.SCHEMA_CHANGED,
        changes(),
        "See 'pgportage approve-ddl', then run the same command again.",
        null);
  }

  private String changes() {
    try {
      schema.requireUnchanged();
      return "The source's schema changed";
    } catch (MigrationException e) {
      return e.what();
    }
  }

  private void drain(Replication replication, Reading now) throws SQLException {
    drained = Optional.of(now.shape());
    Lsn mark = session.mark();
    while (!replication.awaitApplied(mark, POLL)) {
      session.heartbeat();
      session.monitor().lag(replication.lag());
      stop.pause(Duration.ZERO);
    }
  }

  /**
   * Makes the change, once replication has ended behind a drain. Does nothing if the source has
   * changed again meanwhile: the next turn sees to it.
   */
  void reconcile() throws SQLException {
    Reading before = watch.look();
    Proposals.Proposal proposal = proposals.of(kept.orElseThrow(), before, unloaded());
    proposal.requirePossible();
    boolean approved =
        session.config().ddl() == Ddl.APPLY
            || before.shape().looksLike(kept.get())
            || pending()
                .filter(p -> p.approved() && p.digest().equals(before.shape().digest()))
                .isPresent();
    if (!approved || !watch.look().shape().looksLike(before.shape()) || !isDrained(before)) {
      return;
    }
    new Reconciliation(session, plan).replan(before, proposal.reshaping(), proposal.plan());
    inVain.set(0);
    session
        .monitor()
        .event(
            Event.info(
                "ddl.followed",
                "The target follows the source's schema: "
                    + String.join("; ", proposal.shown().changes())));
  }

  /** Whether the reading is the one the drain began with. */
  private boolean isDrained(Reading before) {
    return drained.filter(before.shape()::looksLike).isPresent();
  }

  /**
   * Looks whether a failure comes from a change of the schema, and does what lets the stream go on.
   *
   * @return whether another turn through the steps can succeed
   */
  boolean helpsAfter(MigrationException failure, Optional<RelationChange> change)
      throws SQLException {
    if (!follows() || failure.code().retry() != ErrorCode.Retry.NO || isOver(failure)) {
      return false;
    }
    Reading now = watch.look();
    boolean same = now.shape().looksLike(kept.orElseThrow());
    if (same && change.isEmpty()) {
      return false;
    }
    if (change.isPresent() || OF_ROWS.contains(failure.code())) {
      Interim interim = interim(now, change);
      if (!interim.isNothing()) {
        while (!interim.statements().isEmpty() && !isApproved(now)) {
          protectWriters(now);
          pauseForApproval();
          now = again(now);
          interim = interim(now, change);
        }
        letIn(interim, change);
        inVain.set(0);
        return true;
      }
    }
    return inVain.incrementAndGet() < MOST_IN_VAIN;
  }

  private static boolean isOver(MigrationException failure) {
    return failure.code() == ErrorCode.INTERRUPTED || failure.code() == ErrorCode.LEASE_LOST;
  }

  private Interim interim(Reading now, Optional<RelationChange> change) {
    return Interim.at(
        kept.orElseThrow(),
        plan.objects(),
        now.shape(),
        now.objects(),
        change.map(c -> new Interim.Sent(c.table(), c.name(), c.columns(), c.types())));
  }

  private void letIn(Interim interim, Optional<RelationChange> change) throws SQLException {
    var reconciliation = new Reconciliation(session, plan);
    try {
      reconciliation.letIn(interim);
    } catch (MigrationException e) {
      if (change.isEmpty() || !Reconciliation.isHeldByOthers(e)) {
        throw e;
      }
      reconciliation.suspend(change.get().table());
    }
  }

  @Override
  public void close() {
    watch.close();
  }
}
