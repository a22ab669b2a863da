package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.SchemaPlan;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Which entries of a new dump are on the target already, by a former plan. Immutable. */
final class MadeItems {
  /** What can be run again; if it reads otherwise than before, it has to be. */
  private static final Set<String> REPEATABLE =
      Set.of(
          "COMMENT",
          "DEFAULT",
          "SEQUENCE OWNED BY",
          "INDEX ATTACH",
          "FK VALIDATION",
          "FUNCTION",
          "PROCEDURE",
          "VIEW");

  private final Map<String, String> done = new HashMap<>();
  private final Map<String, String> formerNames = new HashMap<>();
  private final Set<QualifiedName> newTables;
  private final Set<QualifiedName> keptTables;
  private final Set<String> remade;

  MadeItems(
      SchemaPlan former,
      Set<String> doneKeys,
      TableMatch tables,
      ObjectDifferences objects,
      Set<String> remade) {
    this.remade = remade;
    former.items().stream()
        .filter(item -> doneKeys.contains(item.key()))
        .forEach(item -> done.put(label(item), repeatable(item, item.position()).sql()));
    ObjectAlteration.formerItems(objects, formerNames);
    newTables = tables.made().stream().map(TableShape::name).collect(Collectors.toSet());
    keptTables =
        tables.kept().stream().map(table -> table.now().name()).collect(Collectors.toSet());
  }

  /** Whether it need not be made. */
  boolean contains(SchemaItem item) {
    boolean ofNew = item.table().filter(t -> newTables.contains(t) || isRemade(t)).isPresent();
    if (ofNew || remade.contains(label(item))) {
      return false;
    }
    String former = formerNames.getOrDefault(label(item), label(item));
    return switch (item.kind()) {
      case "TABLE", "TABLE ATTACH" -> item.table().filter(keptTables::contains).isPresent();
      default ->
          REPEATABLE.contains(item.kind())
              ? repeatable(item, 0).sql().equals(done.get(former))
              : done.containsKey(former);
    };
  }

  /** Whether the indexes of a materialized view went with it. */
  private boolean isRemade(QualifiedName table) {
    return remade.contains("MATERIALIZED VIEW " + table.schema() + "." + table.name());
  }

  private static String label(SchemaItem item) {
    return item.kind() + " " + item.name();
  }

  static Predicate<SchemaItem> is(String label) {
    return item -> label(item).equals(label);
  }

  /** The columns of a table whose default is an entry of its own. */
  static Set<String> defaults(SchemaPlan draft, QualifiedName table) {
    String prefix = table.schema() + "." + table.name() + " ";
    return draft.items().stream()
        .filter(item -> item.kind().equals("DEFAULT") && item.name().startsWith(prefix))
        .map(item -> item.name().substring(prefix.length()))
        .collect(Collectors.toSet());
  }

  /** An item at another time. */
  static SchemaItem at(Stage stage, SchemaItem item) {
    return new SchemaItem(
        item.position(),
        item.kind(),
        item.name(),
        item.table(),
        item.decision(),
        stage,
        item.reason(),
        item.sql());
  }

  /** An item at another place, so written that it replaces what is there. */
  static SchemaItem repeatable(SchemaItem item, int position) {
    String sql =
        switch (item.kind()) {
          case "FUNCTION", "PROCEDURE", "VIEW" ->
              item.sql().replaceFirst("^\\s*CREATE (?!OR REPLACE )", "CREATE OR REPLACE ");
          default -> item.sql();
        };
    return new SchemaItem(
        position,
        item.kind(),
        item.name(),
        item.table(),
        item.decision(),
        item.stage(),
        item.reason(),
        sql);
  }
}
