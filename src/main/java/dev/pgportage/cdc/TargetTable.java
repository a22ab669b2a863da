package dev.pgportage.cdc;

import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A table as SQL on the target names it, with the operators its key is compared by. Immutable,
 * compared by identity.
 */
final class TargetTable {
  private record Equality(String column, String operator) {}

  private final ReplicatedTable table;
  private final List<String> columns;
  private final List<String> equality;

  private TargetTable(ReplicatedTable table, List<String> equality) {
    this.table = table;
    this.columns =
        table.columns().stream().map(column -> Quoting.identifier(column.name())).toList();
    this.equality = equality;
  }

  /** A table with the equality operators the target's catalog has for its key. */
  static TargetTable of(ReplicatedTable table, Connection target) throws SQLException {
    Map<String, String> operators = new HashMap<>();
    for (Equality found : equalities(table, target)) {
      operators.putIfAbsent(found.column, found.operator);
    }
    return new TargetTable(
        table,
        table.key().stream()
            .map(
                i ->
                    operators.getOrDefault(table.columns().get(i).name(), "OPERATOR(pg_catalog.=)"))
            .toList());
  }

  /** The operators of the columns' default operator classes; arrays and enums have none. */
  private static List<Equality> equalities(ReplicatedTable table, Connection target)
      throws SQLException {
    return Sql.query(
        target,
        """
        WITH RECURSIVE base AS (
          SELECT a.attname, a.atttypid AS type FROM pg_attribute a
          JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = ? AND c.relname = ? AND a.attnum > 0 AND NOT a.attisdropped
          UNION ALL
          SELECT b.attname, t.typbasetype FROM base b
          JOIN pg_type t ON t.oid = b.type WHERE t.typtype = 'd')
        SELECT b.attname, n.nspname, o.oprname
        FROM base b
        JOIN pg_opclass c ON c.opcintype = b.type AND c.opcdefault
        JOIN pg_am m ON m.oid = c.opcmethod AND m.amname = 'btree'
        JOIN pg_amop p ON p.amopfamily = c.opcfamily AND p.amoplefttype = b.type
          AND p.amoprighttype = b.type AND p.amopstrategy = 3
        JOIN pg_operator o ON o.oid = p.amopopr
        JOIN pg_namespace n ON n.oid = o.oprnamespace
        """,
        row ->
            new Equality(
                row.getString(1),
                // Outside of quotes the driver takes a question mark for a parameter.
                "OPERATOR(%s.%s)"
                    .formatted(
                        Quoting.identifier(row.getString(2)), row.getString(3).replace("?", "??"))),
        table.name().schema(),
        table.name().name());
  }

  ReplicatedTable table() {
    return table;
  }

  /** The table's name in SQL. */
  String sql() {
    return table.name().sql();
  }

  /** The number of columns. */
  int size() {
    return columns.size();
  }

  /** A column's name in SQL. */
  String column(int index) {
    return columns.get(index);
  }

  List<Integer> key() {
    return table.key();
  }

  /** The condition that row {@code t} of the target is the one row {@code s} was staged for. */
  String keyMatches() {
    return keyIs(i -> "s.k" + i);
  }

  /** The condition that row {@code t} of the target has the key given as parameters. */
  String keyIsGiven() {
    return keyIs(_ -> "?");
  }

  private String keyIs(IntFunction<String> other) {
    return IntStream.range(0, key().size())
        .mapToObj(i -> "t." + column(key().get(i)) + " " + equality.get(i) + " " + other.apply(i))
        .collect(Collectors.joining(" AND "));
  }

  /** The COPY that fills the table itself. */
  String copySql() {
    // A list of no columns is no list; such a table's rows are empty lines.
    String list = columns.isEmpty() ? "" : " (" + String.join(", ", columns) + ")";
    return "COPY " + sql() + list + " FROM STDIN";
  }

  /** All columns, each made by a function of its index. */
  String columns(IntFunction<String> form) {
    return IntStream.range(0, size()).mapToObj(form).collect(Collectors.joining(", "));
  }
}
