package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Comparison;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a comparison of both sides at one moment found.
 *
 * @param migration its name
 * @param at the LSN both sides were read at; empty where nobody wrote
 * @param readAt when both sides' snapshots were taken
 * @param tables one comparison per table whose changes are replicated
 * @param recopied comparisons of what is copied again in the freeze, because no stream tells its
 *     changes: that it differs now is no defect
 * @param sequences how many sequences of the target stand where they were set, ahead of the
 *     source's
 * @param movedSequences those that somebody else used or set
 * @param leftOut how many rows were left out because they changed at that very moment; none unless
 *     the source had no free slot
 * @param resumed what it went on from, if a validation of the same did not come to its end
 * @param repair what was repaired, if that was wanted
 */
public record ValidationReport(
    String migration,
    Optional<Lsn> at,
    Moments readAt,
    List<Comparison> tables,
    List<Comparison> recopied,
    int sequences,
    List<QualifiedName> movedSequences,
    long leftOut,
    Optional<Resumed> resumed,
    Optional<RepairReport> repair) {
  /**
   * When the snapshots were taken, by the clock of the machine that took them.
   *
   * @param source of the source; empty if there was nothing to compare
   * @param target of the target
   */
  public record Moments(Optional<Instant> source, Optional<Instant> target) {
    static final Moments NONE = new Moments(Optional.empty(), Optional.empty());
  }

  /** Copies the lists. */
  public ValidationReport {
    tables = List.copyOf(tables);
    recopied = List.copyOf(recopied);
    movedSequences = List.copyOf(movedSequences);
  }

  /** Of replicated tables alone. */
  ValidationReport(String migration, Optional<Lsn> at, List<Comparison> tables) {
    this(
        migration,
        at,
        Moments.NONE,
        tables,
        List.of(),
        0,
        List.of(),
        0,
        Optional.empty(),
        Optional.empty());
  }

  /** The same, read then. */
  ValidationReport readAt(Moments moments) {
    return new ValidationReport(
        migration,
        at,
        moments,
        tables,
        recopied,
        sequences,
        movedSequences,
        leftOut,
        resumed,
        repair);
  }

  /** The same with all tables, some of which an earlier one of the same scope compared. */
  ValidationReport of(List<Comparison> all, long missed, Optional<Resumed> from) {
    return new ValidationReport(
        migration, at, readAt, all, recopied, sequences, movedSequences, missed, from, repair);
  }

  /** The same with what is copied again. */
  ValidationReport withRecopied(List<Comparison> others) {
    return new ValidationReport(
        migration, at, readAt, tables, others, sequences, movedSequences, leftOut, resumed, repair);
  }

  /** The same with the sequences. */
  ValidationReport withSequences(int all, List<QualifiedName> moved) {
    return new ValidationReport(
        migration,
        at,
        readAt,
        tables,
        recopied,
        all - moved.size(),
        moved,
        leftOut,
        resumed,
        repair);
  }

  /** The same with what was repaired before. */
  ValidationReport withRepair(RepairReport repaired) {
    return new ValidationReport(
        migration,
        at,
        readAt,
        tables,
        recopied,
        sequences,
        movedSequences,
        leftOut,
        resumed,
        Optional.of(repaired));
  }

  /** Whether both sides are equal. */
  public boolean equal() {
    return tables.stream().allMatch(Comparison::equal) && movedSequences.isEmpty();
  }

  /** How many rows of the source were compared. */
  public long rows() {
    return tables.stream().mapToLong(table -> table.result().sourceRows()).sum();
  }

  /**
   * Requires that both sides are equal.
   *
   * @throws MigrationException DATA_DIFFERS naming the tables
   */
  ValidationReport orThrow() {
    if (!equal()) {
      throw new MigrationException(
          ErrorCode.DATA_DIFFERS,
          "Both sides differ: " + differences(),
          "See the keys with 'pgportage validate'; nothing was switched.",
          null);
    }
    return this;
  }

  private String differences() {
    var found =
        new ArrayList<>(
            tables.stream()
                .filter(table -> !table.equal())
                .map(table -> describe(table.result()))
                .toList());
    if (!movedSequences.isEmpty()) {
      found.add("sequences of the target were moved since they were set: " + movedSequences);
    }
    return String.join("; ", found);
  }

  /** Counts only: keys are the user's values, and this goes into messages. */
  static String describe(ValidationResults.Result result) {
    return String.format(
        "%s (%d missing, %d extra, %d differing)",
        result.table(), result.missing(), result.extra(), result.differing());
  }
}
