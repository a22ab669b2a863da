package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.AssessmentReport;
import dev.pgportage.assess.Remedy;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.RehearsalReport;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.notify.Notifier;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.SchemaDiff;
import dev.pgportage.state.RequestKind;
import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Monitor;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * One database's move, as whoever commands it sees it. Every method can be called in any process,
 * any number of times: what is done is known from the state on the target.
 *
 * <p>Not thread-safe, but for {@link #stop()}.
 */
public final class Migration {
  /** How far {@link #migrate} goes. */
  public enum Until {
    /** Returns once everything is proven; the slot keeps what comes after. */
    READY,
    /** Replicates on until a cutover was asked for and carried out. */
    CUTOVER,
    /** The same, and then lets changes flow back to the source until it is stopped. */
    END
  }

  private final MigrationConfig config;
  private final Monitor monitor;
  private final StopSignal stop;

  /**
   * A migration that may be new or under way.
   *
   * @param monitor told of everything while a method runs
   */
  public Migration(MigrationConfig config, Monitor monitor) {
    this(config, monitor, new StopSignal());
  }

  Migration(MigrationConfig config, Monitor monitor, StopSignal stop) {
    this.config = config;
    this.monitor = monitor;
    this.stop = stop;
  }

  /** Looks for whatever could go wrong, on both sides; changes nothing. */
  public AssessmentReport assess() {
    return translating("Assessing", () -> new Assessing(config).run());
  }

  /**
   * Runs remedies an assessment found, those that are safe; cleanup takes them back.
   *
   * @throws MigrationException USAGE if the migration has begun
   */
  public void applyFixes(List<Remedy> remedies) {
    translating(
        "Applying fixes",
        () -> {
          new Fixing(config).run(remedies);
          return true;
        });
  }

  /**
   * Finds out what both databases are, how much there is, how fast it changes, and how long a
   * migration would take; changes nothing.
   *
   * @param sample how long the source's counters are watched
   * @param plan whether the schema is dumped and classified, too
   * @throws MigrationException INTERRUPTED after {@link #stop()}
   */
  public DiscoveryReport discover(Duration sample, boolean plan) {
    return translating(
        "Looking at the databases", () -> new Discovering(config, stop).run(sample, plan));
  }

  /**
   * Runs or resumes the migration. Failures that can pass by themselves are tried again with
   * growing pauses.
   *
   * @throws MigrationException INTERRUPTED after {@link #stop()}; or why it stopped
   */
  public Outcome migrate(Until until) {
    return migrate(
        switch (until) {
          case READY -> new Goal.Ready();
          case CUTOVER -> new Goal.CutOver();
          case END -> new Goal.End();
        });
  }

  Outcome migrate(Goal goal) {
    var target = new Database(config.target(), Databases.application(config.name()));
    try (var notifier = new Notifier(config, monitor, target)) {
      try {
        return migrate(goal, notifier);
      } catch (MigrationException e) {
        notifier.failed(e);
        throw e;
      }
    }
  }

  private Outcome migrate(Goal goal, Monitor told) {
    translating(
        "Connecting",
        () -> {
          new FirstContact(config).requireUnlessKnown();
          return true;
        });
    var supervision = new Supervision(told, stop);
    var retries = new RetryPolicy();
    while (true) {
      long began = System.nanoTime();
      try {
        return translating("Migrating", () -> new Attempt(config, supervision).run(goal));
      } catch (MigrationException e) {
        if (supervision.mustRelease()) {
          emergencyStop()
              .done()
              .forEach(text -> monitor.event(Event.warning("governor.released", text)));
          throw e;
        }
        Duration lived = Duration.ofNanos(System.nanoTime() - began);
        Duration pause = retries.pauseAfter(e, supervision.step(), lived);
        supervision.recorder().event(retry(supervision, retries, e, pause));
        stop.pause(pause);
      }
    }
  }

  private static Event retry(
      Supervision supervision, RetryPolicy retries, MigrationException failure, Duration pause) {
    String what = supervision.step().map(step -> "Step " + step.label()).orElse("Connecting");
    return Event.warning(
        "step.retry",
        String.format(
            Locale.ROOT,
            "%s: %s: %s; trying again in %d ms (retry %d)",
            what,
            failure.code(),
            failure.what(),
            pause.toMillis(),
            retries.inARow()));
  }

  /**
   * Where the migration stands.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  public StatusReport status() {
    return translating("Reading the status", () -> new StatusReader(config).read());
  }

  /**
   * Everything that was tried and told so far.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  public HistoryReport history() {
    return translating("Reading the history", () -> new HistoryReader(config).read());
  }

  /**
   * Compares every row on both sides at one LSN: by the process that runs the migration, or by this
   * one if none does.
   *
   * @return differences are results, not errors
   */
  public ValidationReport validate() {
    return validate(ValidationWish.everything());
  }

  /**
   * Compares rows on both sides at one LSN, and repairs those of the target that differ, if that is
   * wanted: by the process that runs the migration, or by this one if none does.
   *
   * @return differences are results, not errors
   */
  public ValidationReport validate(ValidationWish wish) {
    return translating(
        "Validating",
        () ->
            Session.read(
                new Asking(config, monitor, stop).ask(RequestKind.VALIDATE, wish),
                ValidationReport.class));
  }

  /**
   * Moves the writes over: by the process that runs the migration, or by this one if none does.
   *
   * @throws MigrationException why it could not; the source is writable again then
   */
  public CutoverReport cutover() {
    return translating(
        "Cutting over",
        () ->
            Session.read(
                new Asking(config, monitor, stop).ask(RequestKind.CUTOVER), CutoverReport.class));
  }

  /**
   * Moves the writes over as soon as everything is favourable: the process that runs the migration,
   * or this one, waits until then and says what for.
   *
   * @param quietFor how long the lag must have been small
   * @param from the time of day it may begin in, with {@code to}; empty for any
   * @param zone whose time of day that is
   * @param patience after how long it is given up
   * @throws MigrationException why it could not; the source is writable again then
   */
  public CutoverReport cutoverWhen(
      Duration quietFor,
      Optional<LocalTime> from,
      Optional<LocalTime> to,
      ZoneId zone,
      Duration patience) {
    var wish =
        new CutoverWish(
            Optional.of(new AutoCutover.Conditions(quietFor, from, to, zone.getId(), patience)));
    return translating(
        "Cutting over",
        () ->
            Session.read(
                new Asking(config, monitor, stop).ask(RequestKind.CUTOVER, wish),
                CutoverReport.class));
  }

  /** Finds out how a cutover would go now, with what is in its way; nobody is stopped. */
  public RehearsalReport rehearse() {
    return translating(
        "Rehearsing the cutover",
        () ->
            Session.read(
                new Asking(config, monitor, stop).ask(RequestKind.REHEARSE),
                RehearsalReport.class));
  }

  /**
   * Moves the writes back to the source: by the process that runs the migration, or by this one if
   * none does.
   *
   * @throws MigrationException why it could not; the target is writable again then
   */
  public RollbackReport rollback() {
    return translating(
        "Rolling back",
        () ->
            Session.read(
                new Asking(config, monitor, stop).ask(RequestKind.ROLLBACK), RollbackReport.class));
  }

  /**
   * Stays on the source: ends whatever runs the migration at READY, and removes everything it made.
   *
   * @throws MigrationException WRONG_STEP if the writes are on the target
   */
  public CleanupReport abandon() {
    return translating("Giving up", () -> new AbandonRun(config, monitor, stop).run());
  }

  /**
   * Makes the schema on the target, or what of it is missing there still; {@link #migrate} goes on
   * from it.
   *
   * @param postData also what follows the rows, open at once: for rows that come by other ways
   * @throws MigrationException SCHEMA_OBJECT_BLOCKED, SCHEMA_APPLY_FAILED naming the object, or
   *     WRONG_STEP if it is not pgportage that makes it
   */
  public SchemaReport makeSchema(boolean postData) {
    return translating(
        "Making the schema",
        () ->
            new SchemaRun(config, monitor)
                .run(postData ? SchemaRun.Upto.ALL : SchemaRun.Upto.TABLES));
  }

  /**
   * Makes the tables on the target with their keys and indexes, for rows that others carry; {@link
   * #cutoverAfter} makes the rest.
   *
   * @throws MigrationException as {@link #makeSchema}
   */
  public SchemaReport makeTables() {
    return translating(
        "Making the schema", () -> new SchemaRun(config, monitor).run(SchemaRun.Upto.INDEXES));
  }

  /**
   * Cuts over where others carry the rows: fence, their last change, a comparison of every row,
   * sequences, and what {@link #makeTables} left out.
   *
   * @param drain returns once they have carried the last change and do nothing more
   * @throws MigrationException why it could not; the source is writable again then
   */
  public AccompaniedCutover cutoverAfter(Runnable drain) {
    return translating(
        "Cutting over", () -> new Accompanying(config, monitor, stop).cutover(drain));
  }

  /**
   * Brings to an end what a process left that died in {@link #cutoverAfter}: a cutover that had
   * opened the target is finished and its record returned; before that the source is writable
   * again.
   */
  public Optional<AccompaniedCutover> settleCutover() {
    return translating(
        "Going on with a cutover", () -> new Accompanying(config, monitor, stop).settle());
  }

  /**
   * Compares every row and sequence of both databases as they are now, migration or not; writes
   * nothing. Exact only where nobody writes meanwhile.
   *
   * @return differences are results, not errors
   */
  public ContentReport compare() {
    return translating("Comparing", () -> new ContentComparing(config, monitor, stop).run());
  }

  /** Compares everything both catalogs hold; needs no privilege but to connect. */
  public SchemaDiff.Report schemaDiff() {
    return translating("Comparing both schemas", () -> new SchemaComparing(config).run());
  }

  /**
   * The change of the source's schema that waits to be made on the target, if one does.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  public Optional<PendingChange> pendingChange() {
    return translating("Reading the schema change", () -> new StatusReader(config).pendingChange());
  }

  /**
   * Approves a change of the schema: the process that runs the migration makes it, or the next one.
   *
   * @param digest of the change as it was shown; another one is not approved by it
   * @throws MigrationException WRONG_STEP if it is not what waits any more
   */
  public void approveChange(String digest) {
    translating(
        "Approving the schema change",
        () -> {
          new StatusReader(config).approve(digest);
          return true;
        });
  }

  /**
   * Ends whatever runs of the migration, and sets the source free at once.
   *
   * @throws MigrationException if the source cannot be reached
   */
  public StopReport emergencyStop() {
    return translating("Stopping", () -> new EmergencyStop(config).run());
  }

  /**
   * Looks on both servers for what dead migrations left.
   *
   * @param fix whether what is certainly ours and dead is removed
   */
  public DoctorReport doctor(boolean fix) {
    return translating("Looking for leftovers", () -> new Doctor(config).run(fix));
  }

  /**
   * The record of the migration, to be kept: everything its state knows.
   *
   * @throws MigrationException MIGRATION_UNKNOWN if it was never begun
   */
  public MigrationReport report() {
    return translating("Reading the record", () -> new ReportReader(config).read());
  }

  /** Takes back everything the migration made outside the target's own schema and rows. */
  public CleanupReport cleanup() {
    return translating("Cleaning up", () -> new CleanupRun(config).run());
  }

  /** Asks a running method to end soon, at a point from which it can go on. Thread-safe. */
  public void stop() {
    stop.give();
  }

  private <T> T translating(String what, Session.Work<T> work) {
    try {
      return work.run();
    } catch (MigrationException e) {
      throw LoginAdvice.of(List.of(config.source(), config.target()), e);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, what);
    }
  }
}
