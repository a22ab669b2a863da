package dev.pgportage.workflow;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.validation.Comparison;
import java.time.Instant;
import java.util.List;

/**
 * What a comparison of two databases' contents found: the rows of each as they were at one moment,
 * the sequences as they stood right after.
 *
 * @param source when the source was read
 * @param target when the target was read
 * @param tables one comparison per table that both sides have with the same columns
 * @param missing tables the target lacks
 * @param extra tables the source lacks
 * @param otherColumns tables whose columns have other names or types; their rows are not compared
 * @param sequences how many sequences both sides have
 * @param missingSequences sequences the target lacks
 * @param differingSequences sequences that stand elsewhere on the target
 */
public record ContentReport(
    Moment source,
    Moment target,
    List<Comparison> tables,
    List<QualifiedName> missing,
    List<QualifiedName> extra,
    List<QualifiedName> otherColumns,
    int sequences,
    List<QualifiedName> missingSequences,
    List<QualifiedName> differingSequences) {

  /**
   * When one side was read.
   *
   * @param near a position of its WAL from right before; on a standby of what it replayed
   * @param takenAt when the snapshot had been taken, by the clock of this machine
   */
  public record Moment(Lsn near, Instant takenAt) {}

  /** Copies the lists. */
  public ContentReport {
    tables = List.copyOf(tables);
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    otherColumns = List.copyOf(otherColumns);
    missingSequences = List.copyOf(missingSequences);
    differingSequences = List.copyOf(differingSequences);
  }

  /** The same with other comparisons of its tables. */
  public ContentReport with(List<Comparison> others) {
    return new ContentReport(
        source,
        target,
        others,
        missing,
        extra,
        otherColumns,
        sequences,
        missingSequences,
        differingSequences);
  }

  /** How many rows of the source were compared. */
  public long rows() {
    return tables.stream().mapToLong(table -> table.result().sourceRows()).sum();
  }

  /** Whether nothing differs. */
  public boolean equal() {
    return tables.stream().allMatch(Comparison::equal)
        && missing.isEmpty()
        && extra.isEmpty()
        && otherColumns.isEmpty()
        && missingSequences.isEmpty()
        && differingSequences.isEmpty();
  }
}
