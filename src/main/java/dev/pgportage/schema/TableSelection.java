package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.List;

/**
 * Some tables, chosen by patterns as the filters have them; a partitioned table by its own name.
 */
public final class TableSelection {
  private final List<NamePattern> included;
  private final List<NamePattern> excluded;

  private TableSelection(List<NamePattern> included, List<NamePattern> excluded) {
    this.included = included;
    this.excluded = excluded;
  }

  /**
   * Reads patterns.
   *
   * @param included none means all
   * @param excluded taken out of what is included
   * @throws MigrationException USAGE if one is no pattern
   */
  public static TableSelection of(List<String> included, List<String> excluded) {
    return new TableSelection(
        included.stream().map(TableSelection::pattern).toList(),
        excluded.stream().map(TableSelection::pattern).toList());
  }

  private static NamePattern pattern(String text) {
    return NamePattern.parse(text)
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.USAGE,
                    "Not a pattern of tables: " + text,
                    "Write schema.name, * for any characters: 'shop.*'.",
                    null));
  }

  /** Whether a table is one of them. */
  public boolean has(Table table) {
    return (included.isEmpty() || isOf(included, table)) && !isOf(excluded, table);
  }

  private static boolean isOf(List<NamePattern> patterns, Table table) {
    return patterns.stream()
        .anyMatch(
            pattern ->
                pattern.matches(table.name())
                    || table.partitionRoot().filter(pattern::matches).isPresent());
  }
}
