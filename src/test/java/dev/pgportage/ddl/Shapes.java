package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.ObjectShape;
import dev.pgportage.ddl.Shape.TableShape;
import dev.pgportage.pg.QualifiedName;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Readings made up for tests: tables of schema public whose file has their OID's number. */
final class Shapes {
  private Shapes() {}

  static Shape of(TableShape... tables) {
    return new Shape(List.of(tables), List.of());
  }

  static TableShape table(long oid, String name, ColumnShape... columns) {
    return table(oid, name, oid, columns);
  }

  static TableShape table(long oid, String name, long file, ColumnShape... columns) {
    int ever = List.of(columns).stream().mapToInt(ColumnShape::number).max().orElse(0);
    return with(oid, name, file, Optional.empty(), List.of(), ever, columns);
  }

  static TableShape with(
      long oid,
      String name,
      long file,
      Optional<String> parent,
      List<String> options,
      int columnsEver,
      ColumnShape... columns) {
    return new TableShape(
        oid,
        new QualifiedName("public", name),
        false,
        file,
        parent.map(p -> new QualifiedName("public", p)),
        Optional.empty(),
        false,
        options,
        "r",
        "",
        "DEFAULT",
        columnsEver,
        List.of(columns));
  }

  /** A nullable column without a default, of version {@code 1}. */
  static ColumnShape column(int number, String name, String type) {
    return column(number, name, type, false, null);
  }

  static ColumnShape column(
      int number, String name, String type, boolean notNull, @Nullable String defaultSql) {
    return column(number, name, type, notNull, defaultSql, "", "1", null);
  }

  /** A column added to a table that had rows, which have this value in it. */
  static ColumnShape added(int number, String name, String type, String missing) {
    return column(number, name, type, false, null, "", "2", missing);
  }

  /** A column whose definition was changed since. */
  static ColumnShape changed(int number, String name, String type) {
    return column(number, name, type, false, null, "", "2", null);
  }

  /** A stored generated column. */
  static ColumnShape computed(int number, String name, String type, String expression) {
    return column(number, name, type, false, expression, "s", "1", null);
  }

  private static ColumnShape column(
      int number,
      String name,
      String type,
      boolean notNull,
      @Nullable String defaultSql,
      String generated,
      String version,
      @Nullable String missing) {
    return new ColumnShape(
        number,
        name,
        type,
        notNull,
        Optional.ofNullable(defaultSql),
        "",
        generated,
        Optional.empty(),
        version,
        Optional.ofNullable(missing),
        false,
        false);
  }

  static ObjectShape object(long oid, String type, String name, long table, String definition) {
    return new ObjectShape(
        oid, type, "public." + name, name, "public." + name, table, false, definition);
  }
}
