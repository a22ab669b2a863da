package dev.pgportage.workflow;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.validation.Comparison;
import java.util.List;

/**
 * What a comparison of two databases' contents found, each read as it was at one moment.
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
