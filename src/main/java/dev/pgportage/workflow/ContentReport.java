package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.validation.Comparison;
import java.util.List;

/**
 * What a comparison of two databases' contents found: the rows of each as they were at one moment,
 * the sequences as they stood right after.
 *
 * @param tables one comparison per table that both sides have with the same columns
 * @param missing tables the target lacks
 * @param extra tables the source lacks
 * @param otherColumns tables whose columns have other names or types; their rows are not compared
 * @param sequences how many sequences both sides have
 * @param missingSequences sequences the target lacks
 * @param differingSequences sequences that stand elsewhere on the target
 */
public record ContentReport(
    List<Comparison> tables,
    List<QualifiedName> missing,
    List<QualifiedName> extra,
    List<QualifiedName> otherColumns,
    int sequences,
    List<QualifiedName> missingSequences,
    List<QualifiedName> differingSequences) {

  /** Copies the lists. */
  public ContentReport {
    tables = List.copyOf(tables);
    missing = List.copyOf(missing);
    extra = List.copyOf(extra);
    otherColumns = List.copyOf(otherColumns);
    missingSequences = List.copyOf(missingSequences);
    differingSequences = List.copyOf(differingSequences);
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
