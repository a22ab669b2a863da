package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.TableSelection;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Portion;
import dev.pgportage.validation.Subject;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

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
    return prove(Proving.Pace.of(session), () -> proofs.unproven(plan.objects().streamed()));
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
  void changes() {
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
    prove(paceOf(wish), () -> different.stream().map(Subject::whole).toList());
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
    Supplier<List<Subject>> wanted =
        () -> wish.unproven() ? proofs.unproven(tables) : subjects(tables, wish);
    ValidationReport report =
        prove(paceOf(wish), wanted, subjects(recopied, wish), Optional.of(wish));
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

  private ValidationReport prove(Proving.Pace pace, Supplier<List<Subject>> wanted) {
    return prove(pace, wanted, List.of(), Optional.empty());
  }

  /**
   * Compares at one LSN.
   *
   * @param recopied what is compared too, though it may differ
   * @param wish what was asked for, if somebody asked
   */
  private ValidationReport prove(
      Proving.Pace pace,
      Supplier<List<Subject>> wanted,
      List<Subject> recopied,
      Optional<ValidationWish> wish) {
    requireUnchanged.run();
    var objects = new SourceObjects(session, plan.objects());
    try (var both = new PointInTime<>(session, objects, replication, wanted)) {
      var proving = new Proving(session, proofs).at(pace);
      ValidationReport report =
          proving.compare(both.source(), both.target(), both.found(), Optional.of(both.at()));
      boolean largeObjects =
          plan.objects().largeObjects() && wish.filter(ValidationWish::isOfAllTables).isPresent();
      if (largeObjects || !recopied.isEmpty()) {
        report = report.withRecopied(proving.recopied(both, recopied, largeObjects));
      }
      provenAt = System.nanoTime();
      tell(report);
      return report;
    }
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
