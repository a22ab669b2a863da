package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.TableSelection;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Portion;
import dev.pgportage.validation.Subject;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * Proofs while replication goes on, each at one LSN; each goes on from the one before.
 *
 * <p>Used by one thread.
 */
final class LiveProof {
  private static final int MOST_ROUNDS = 5;

  /** So many rows are read by their keys in a fraction of a second. */
  private static final int FEW_ROWS = 20_000;

  private final Session session;
  private final Plan plan;
  private final Replication replication;
  private final Runnable requireUnchanged;
  private final Proofs proofs;
  private long provenAt = System.nanoTime();

  /**
   * Proofs of one replication.
   *
   * @param proofs what is proven already
   * @param requireUnchanged fails if the schema is not as planned: a column or table that is gone
   *     would fail the comparison, and look like a defect
   */
  LiveProof(
      Session session,
      Plan plan,
      Replication replication,
      Proofs proofs,
      Runnable requireUnchanged) {
    this.session = session;
    this.plan = plan;
    this.replication = replication;
    this.proofs = proofs;
    this.requireUnchanged = requireUnchanged;
  }

  /** Compares what is not proven, or has changed since: at first everything. */
  ValidationReport changed() {
    return unproven(plan.objects().streamed(), Proving.Pace.of(session));
  }

  private ValidationReport unproven(List<Table> tables, Proving.Pace pace) {
    return prove(
        new Run(Scope.proofs(session), pace, false),
        tables,
        _ -> proofs.unproven(tables),
        List.of(),
        Optional.empty());
  }

  /** The proof before READY: of everything, sequences too, that is not proven. */
  ValidationReport first() throws SQLException {
    var sequences = new SequenceProof(session, plan);
    return changed().withSequences(sequences.count(), sequences.moved(false));
  }

  /** What is to be compared where nobody writes. */
  List<Subject> unproven() {
    return proofs.behindFence(plan.objects());
  }

  /**
   * Proves what changed, and then what changed meanwhile, as long as that is much and becomes less:
   * so that little is left to compare where nobody writes.
   *
   * @throws MigrationException DATA_DIFFERS
   */
  void changes() throws SQLException {
    // What was committed before this is not to be left to the proof behind the fence.
    replication.awaitApplied(session.mark(), session.config().cutover().drainTimeout());
    List<Subject> unproven = proofs.unproven(plan.objects().streamed());
    long before = Long.MAX_VALUE;
    for (int round = 0; !unproven.isEmpty() && round < MOST_ROUNDS; round++) {
      long rows = unproven.stream().mapToLong(Subject::estimatedRows).sum();
      if (round > 0 && (rows <= FEW_ROWS || rows > before / 2)) {
        return;
      }
      before = rows;
      changed().orThrow();
      unproven = proofs.unproven(plan.objects().streamed());
    }
  }

  /** Proves what changed if that is due by the settings; a difference is told, and is no end. */
  void inPassing() {
    Duration every = session.config().validation().every();
    if (every.isZero() || System.nanoTime() - provenAt < every.toNanos()) {
      return;
    }
    provenAt = System.nanoTime();
    if (proofs.unproven(plan.objects().streamed()).isEmpty()) {
      return;
    }
    try {
      changed();
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.INTERRUPTED || e.code() == ErrorCode.LEASE_LOST) {
        throw e;
      }
      // A table truncated meanwhile, a snapshot lost: the next one will tell.
      session.monitor().event(Event.warning("validate.failed", e.code() + ": " + e.what()));
    }
  }

  /**
   * Compares what somebody wants to have compared, repairs what differs if that is wanted, and
   * compares the repaired again.
   */
  ValidationReport asked(ValidationWish wish) throws SQLException {
    ValidationReport report = compare(wish);
    Optional<Path> undo = wish.undo().map(Path::of);
    if (undo.isEmpty() || report.equal()) {
      return report;
    }
    List<Table> different =
        report.tables().stream()
            .filter(table -> !table.equal())
            .map(table -> plan.objects().table(table.result().table()).orElseThrow())
            .toList();
    if (!report.movedSequences().isEmpty()) {
      new SequenceProof(session, plan).moved(true);
    }
    if (different.isEmpty()) {
      return compare(wish);
    }
    RepairReport repaired = new Repairing(session, plan, replication).repair(different, undo.get());
    return compare(wish).withRepair(repaired);
  }

  private ValidationReport compare(ValidationWish wish) throws SQLException {
    List<Table> tables = selected(plan.objects().streamed(), wish);
    List<Table> recopied = selected(plan.objects().recopied(), wish);
    if (tables.isEmpty() && recopied.isEmpty()) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "No table of the migration matches " + String.join(", ", wish.tables()),
          "See 'pgportage status' for their names.",
          null);
    }
    ValidationReport report =
        prove(
            new Run(Scope.of(session, wish), paceOf(wish), wish.restart()),
            tables,
            rest -> wish.unproven() ? proofs.unproven(rest) : subjects(rest, wish),
            subjects(recopied, wish),
            Optional.of(wish));
    if (!wish.isOfAllTables()) {
      return report;
    }
    var sequences = new SequenceProof(session, plan);
    return report.withSequences(sequences.count(), sequences.moved(false));
  }

  private Proving.Pace paceOf(ValidationWish wish) {
    return Proving.Pace.of(session).with(wish);
  }

  private static List<Table> selected(List<Table> tables, ValidationWish wish) {
    TableSelection selection = wish.selection();
    return tables.stream().filter(selection::has).toList();
  }

  private static List<Subject> subjects(List<Table> tables, ValidationWish wish) {
    Optional<String> where = wish.where();
    return tables.stream()
        .map(
            table ->
                where
                    .map(sql -> new Subject(table, new Portion.Condition(sql)))
                    .orElseGet(() -> Subject.whole(table)))
        .toList();
  }

  /**
   * How a comparison is run.
   *
   * @param scope what it goes on from, and leaves
   * @param anew whether what is there does not count
   */
  private record Run(Scope scope, Proving.Pace pace, boolean anew) {}

  /**
   * Compares at one LSN.
   *
   * @param wanted asked while both sides stand there: what of tables is to be compared
   * @param recopied what is compared too, though it may differ
   * @param wish what was asked for, if somebody asked
   */
  private ValidationReport prove(
      Run run,
      List<Table> tables,
      Function<List<Table>, List<Subject>> wanted,
      List<Subject> recopied,
      Optional<ValidationWish> wish) {
    requireUnchanged.run();
    noting(() -> run.scope.begin(session.control(), run.anew));
    var gathered = new Gathered(run.scope, tables);
    List<Table> rest = tables;
    for (int round = 0; round == 0 || !rest.isEmpty(); round++) {
      if (round == MOST_ROUNDS) {
        throw unsettled(rest);
      }
      List<Table> those = rest;
      try (BothSides<Wanted> both = bothSides(() -> wanted(run.scope, those, wanted))) {
        var proving = new Proving(session, proofs, run.scope, run.pace);
        ValidationReport report =
            proving.compare(
                both.source(), both.target(), both.found().subjects(), Optional.of(both.at()));
        gathered.add(report, both.found());
        boolean largeObjects =
            plan.objects().largeObjects() && wish.filter(ValidationWish::isOfAllTables).isPresent();
        if (round == 0 && (largeObjects || !recopied.isEmpty())) {
          gathered.recopied(proving.recopied(both, recopied, largeObjects));
        }
        rest = both.found().unsettled();
      }
    }
    provenAt = System.nanoTime();
    noting(() -> run.scope.finish(session.control()));
    ValidationReport report = gathered.report();
    tell(report);
    return report;
  }

  /** One moment; or two of which is known what lies between, if no slot can be had. */
  private BothSides<Wanted> bothSides(Supplier<Wanted> wanted) {
    try {
      return new PointInTime<>(
          session, new SourceObjects(session, plan.objects()), replication, wanted);
    } catch (MigrationException e) {
      if (e.code() != ErrorCode.NO_FREE_SLOT && e.code() != ErrorCode.TOO_MANY_CONNECTIONS) {
        throw e;
      }
      session
          .monitor()
          .event(
              Event.warning(
                  "validation.no-slot",
                  "The source has no free replication slot or sender for the moment a comparison"
                      + " begins: rows that change at that moment are left out of it"));
      return new NearbyPoints<>(session, replication, at -> wanted.get().without(replication, at));
    }
  }

  private static MigrationException unsettled(List<Table> tables) {
    return new MigrationException(
        ErrorCode.NO_FREE_SLOT,
        "The source has no free replication slot or sender, and without one these tables cannot be"
            + " compared while they are written to, because their rows cannot be told apart: "
            + tables.stream()
                .map(table -> table.name().toString())
                .collect(Collectors.joining(", ")));
  }

  private Wanted wanted(
      Scope scope, List<Table> tables, Function<List<Table>, List<Subject>> wanted) {
    List<ValidationResults.Result> kept =
        scoped(() -> scope.kept(session.control())).stream()
            .filter(result -> tables.stream().anyMatch(t -> t.name().equals(result.table())))
            .toList();
    Set<QualifiedName> done =
        kept.stream().map(ValidationResults.Result::table).collect(Collectors.toSet());
    return Wanted.of(
        wanted.apply(tables.stream().filter(table -> !done.contains(table.name())).toList()), kept);
  }

  private static <T> T scoped(Session.Work<T> work) {
    try {
      return work.run();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping how far a validation is");
    }
  }

  private static void noting(Proving.Writing work) {
    scoped(
        () -> {
          work.run();
          return Replicating.Done.DONE;
        });
  }

  private void tell(ValidationReport report) {
    String found = report.equal() ? "all equal" : "differences found";
    String at = report.at().map(lsn -> " at " + lsn).orElse("");
    session
        .monitor()
        .event(
            Event.info(
                "validation.done", "Compared " + report.rows() + " rows" + at + ": " + found));
  }
}
