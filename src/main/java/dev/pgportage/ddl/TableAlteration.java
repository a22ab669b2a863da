package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The statements that give one table of the target the form it has on the source. */
final class TableAlteration {
  private static final String ASIDE = "pgportage was ";

  private final TableDifference difference;
  private final boolean emptied;
  private final Map<String, String> values;
  private final Set<String> defaultsMadeLater;
  private final String table;
  private final List<String> statements = new ArrayList<>();
  private QualifiedName found;

  /**
   * An alteration.
   *
   * @param values what rows have in columns added since
   * @param emptied whether the target's table holds no rows when it is altered
   * @param defaultsMadeLater columns whose default comes by a statement of its own
   */
  TableAlteration(
      TableDifference difference,
      Map<String, String> values,
      boolean emptied,
      Set<String> defaultsMadeLater) {
    this.difference = difference;
    this.values = values;
    this.emptied = emptied;
    this.defaultsMadeLater = defaultsMadeLater;
    this.found = difference.then().name();
    this.table = "ALTER TABLE ONLY " + difference.now().name().sql() + " ";
  }

  /** What the rows need: names, columns, types; nothing that could refuse a row. */
  List<String> form() {
    rename();
    renameColumns();
    for (ColumnShape column : difference.added()) {
      if (!column.inherited()) {
        String value = values.get(column.name());
        add(column, value == null ? "" : literal(column, value));
        if (value != null) {
          alterWhole(column, "DROP DEFAULT");
        }
      }
    }
    for (ColumnShape column : difference.now().columns()) {
      difference.former(column).ifPresent(former -> changeType(former, column));
    }
    return statements;
  }

  /** Everything. */
  List<String> all() {
    form();
    for (ColumnShape column : difference.now().columns()) {
      changeDefault(difference.former(column), column);
      changeNull(difference.former(column), column);
    }
    changeProperties();
    return statements;
  }

  /** The drop of NOT NULL alone: what rows that may come at any time need. */
  List<String> loosening() {
    for (ColumnShape column : difference.now().columns()) {
      Optional<ColumnShape> former = difference.former(column);
      if (former.isPresent() && former.get().notNull() && !column.notNull()) {
        statements.add(
            "ALTER TABLE %s ALTER COLUMN %s DROP NOT NULL;"
                .formatted(
                    difference.then().name().sql(), Quoting.identifier(former.get().name())));
      }
    }
    return statements;
  }

  /** The table is found under another name than its former one. */
  TableAlteration from(QualifiedName name) {
    found = name;
    return this;
  }

  private void rename() {
    QualifiedName then = found;
    if (difference.isRenamed()) {
      statements.add(
          "ALTER TABLE %s RENAME TO %s;"
              .formatted(then.sql(), Quoting.identifier(difference.now().name().name())));
    }
  }

  /** Drops first; then renames, by a name in between where two columns exchange theirs. */
  private void renameColumns() {
    for (ColumnShape former : difference.dropped()) {
      if (!former.inherited()) {
        whole("DROP COLUMN " + Quoting.identifier(former.name()));
      }
    }
    record Renamed(ColumnShape former, ColumnShape now) {}
    List<Renamed> renamed =
        difference.now().columns().stream()
            .flatMap(now -> difference.former(now).map(f -> new Renamed(f, now)).stream())
            .filter(r -> !r.former.name().equals(r.now.name()) && !r.now.inherited())
            .toList();
    boolean exchanged =
        renamed.stream()
            .anyMatch(r -> renamed.stream().anyMatch(o -> o.former.name().equals(r.now.name())));
    for (Renamed r : renamed) {
      renameColumn(r.former.name(), exchanged ? ASIDE + r.now.number() : r.now.name());
    }
    if (exchanged) {
      renamed.forEach(r -> renameColumn(ASIDE + r.now.number(), r.now.name()));
    }
  }

  private void renameColumn(String from, String to) {
    whole("RENAME COLUMN " + Quoting.identifier(from) + " TO " + Quoting.identifier(to));
  }

  private void add(ColumnShape column, String value) {
    String definition = Quoting.identifier(column.name()) + " " + typeOf(column);
    if (!column.generated().isEmpty()) {
      definition +=
          " GENERATED ALWAYS AS ("
              + column.defaultSql().orElseThrow()
              + ")"
              + (column.generated().equals("v") ? " VIRTUAL" : " STORED");
    }
    whole("ADD COLUMN " + definition + (value.isEmpty() ? "" : " DEFAULT " + value));
  }

  private static String literal(ColumnShape column, String text) {
    return Quoting.literal(text) + "::" + column.type();
  }

  private static String typeOf(ColumnShape column) {
    return column.type() + column.collation().map(name -> " COLLATE " + name).orElse("");
  }

  private void changeType(ColumnShape former, ColumnShape column) {
    boolean same =
        former.type().equals(column.type()) && former.collation().equals(column.collation());
    if (same || column.inherited() || !column.generated().isEmpty()) {
      return;
    }
    if (emptied && former.defaultSql().isPresent()) {
      alterWhole(column, "DROP DEFAULT");
    }
    alterWhole(column, "TYPE " + typeOf(column) + (emptied ? " USING NULL" : ""));
    if (emptied && former.defaultSql().equals(column.defaultSql())) {
      column.defaultSql().ifPresent(sql -> alterWhole(column, "SET DEFAULT " + sql));
    }
  }

  private void changeDefault(Optional<ColumnShape> former, ColumnShape column) {
    Optional<String> was = former.flatMap(ColumnShape::defaultSql);
    String wasGenerated = former.map(ColumnShape::generated).orElse(column.generated());
    if (!wasGenerated.equals(column.generated())) {
      alter(column, "DROP EXPRESSION IF EXISTS");
      was = Optional.empty();
    }
    if (!column.generated().isEmpty()) {
      if (former.isPresent() && !was.equals(column.defaultSql())) {
        alterWhole(column, "SET EXPRESSION AS (" + column.defaultSql().orElseThrow() + ")");
      }
      return;
    }
    if (column.defaultSql().isEmpty()) {
      was.ifPresent(_ -> alter(column, "DROP DEFAULT"));
    } else if (!was.equals(column.defaultSql()) && !defaultsMadeLater.contains(column.name())) {
      alter(column, "SET DEFAULT " + column.defaultSql().get());
    }
  }

  private void changeNull(Optional<ColumnShape> former, ColumnShape column) {
    String wasIdentity = former.map(ColumnShape::identity).orElse("");
    if (!wasIdentity.isEmpty() && column.identity().isEmpty()) {
      alter(column, "DROP IDENTITY IF EXISTS");
    } else if (!wasIdentity.isEmpty() && !wasIdentity.equals(column.identity())) {
      alter(column, "SET GENERATED " + (column.identity().equals("a") ? "ALWAYS" : "BY DEFAULT"));
    }
    boolean was = former.map(ColumnShape::notNull).orElse(false);
    if (was != column.notNull()) {
      alterWhole(column, column.notNull() ? "SET NOT NULL" : "DROP NOT NULL");
    }
  }

  private void changeProperties() {
    TableShape then = difference.then();
    TableShape now = difference.now();
    if (then.unlogged() != now.unlogged()) {
      statements.add(table + (now.unlogged() ? "SET UNLOGGED;" : "SET LOGGED;"));
    }
    for (String option : now.options()) {
      if (!then.options().contains(option)) {
        String[] parts = option.split("=", 2);
        statements.add(table + "SET (" + parts[0] + " = " + Quoting.literal(parts[1]) + ");");
      }
    }
    for (String option : then.options()) {
      String key = option.split("=", 2)[0] + "=";
      if (now.options().stream().noneMatch(o -> o.startsWith(key))) {
        statements.add(table + "RESET (" + key.substring(0, key.length() - 1) + ");");
      }
    }
  }

  /** ALTER of one column of this table alone. */
  private void alter(ColumnShape column, String what) {
    statements.add(table + "ALTER COLUMN " + Quoting.identifier(column.name()) + " " + what + ";");
  }

  private void alterWhole(ColumnShape column, String what) {
    whole("ALTER COLUMN " + Quoting.identifier(column.name()) + " " + what);
  }

  /** ALTER that reaches the table's partitions too. */
  private void whole(String what) {
    statements.add("ALTER TABLE " + difference.now().name().sql() + " " + what + ";");
  }
}
