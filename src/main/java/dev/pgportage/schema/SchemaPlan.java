package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Everything of the source's schema and what is done with it, in order; with the structure the
 * source's tables had when it was decided.
 *
 * @param items one for every object
 * @param structure definitions of tables, columns, constraints and types by their names
 */
public record SchemaPlan(List<SchemaItem> items, SortedMap<String, String> structure) {

  /** Copies both. */
  public SchemaPlan {
    items = List.copyOf(items);
    structure = Collections.unmodifiableSortedMap(new TreeMap<>(structure));
  }

  /** The items of a stage that have something to run, in order. */
  public List<SchemaItem> of(Stage stage) {
    return items.stream()
        .filter(item -> item.stage() == stage && !item.sql().isEmpty())
        .filter(item -> item.decision() != Decision.SKIP && item.decision() != Decision.BLOCK)
        .toList();
  }

  /** Kind and name, as the server tells them, of what the target will not have. */
  Set<String> leftOut() {
    return structure.keySet().stream()
        .filter(object -> object.startsWith(Structure.LEFT_OUT))
        .map(object -> object.substring(Structure.LEFT_OUT.length()))
        .collect(Collectors.toSet());
  }

  /** The same with the reasons; those of plans that older versions kept are empty. */
  public Map<String, String> reasons() {
    return structure.entrySet().stream()
        .filter(object -> object.getKey().startsWith(Structure.LEFT_OUT))
        .collect(
            Collectors.toMap(
                object -> object.getKey().substring(Structure.LEFT_OUT.length()),
                object ->
                    object.getValue().isEmpty() ? "is left out by the plan" : object.getValue()));
  }

  /** Whether a table is a partitioned one: it has a partition key. */
  boolean isPartitioned(QualifiedName table) {
    String definition = structure.get(Structure.tableObject(table));
    return definition != null && definition.startsWith("p ");
  }

  /** The items that keep the migration from going on. */
  public List<SchemaItem> blocked() {
    return items.stream().filter(item -> item.decision() == Decision.BLOCK).toList();
  }

  /**
   * Makes sure nothing blocks.
   *
   * @throws MigrationException SCHEMA_OBJECT_BLOCKED with everything that does
   */
  public void requireUnblocked() {
    List<SchemaItem> blocked = blocked();
    if (!blocked.isEmpty()) {
      throw new MigrationException(
          ErrorCode.SCHEMA_OBJECT_BLOCKED,
          blocked.stream()
              .map(item -> item + " " + item.reason())
              .collect(Collectors.joining("; ")));
    }
  }
}
