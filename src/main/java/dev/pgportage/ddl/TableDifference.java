package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ColumnShape;
import dev.pgportage.ddl.Shape.TableShape;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a table changed between two readings.
 *
 * @param then the earlier reading
 * @param now the later one
 */
record TableDifference(TableShape then, TableShape now) {
  static TableDifference between(TableShape then, TableShape now) {
    return new TableDifference(then, now);
  }

  /** Whether it is another table of the same name. */
  boolean isRemade() {
    return then.oid() != now.oid();
  }

  boolean isRenamed() {
    return !then.name().equals(now.name());
  }

  /** The former column, if the table had it: by its number, which renaming does not change. */
  Optional<ColumnShape> former(ColumnShape column) {
    return isRemade() ? then.column(column.name()) : then.column(column.number());
  }

  /** The present column, if the table still has it. */
  Optional<ColumnShape> present(ColumnShape former) {
    return isRemade() ? now.column(former.name()) : now.column(former.number());
  }

  List<ColumnShape> added() {
    return now.columns().stream().filter(column -> former(column).isEmpty()).toList();
  }

  List<ColumnShape> dropped() {
    return then.columns().stream().filter(column -> present(column).isEmpty()).toList();
  }

  /**
   * Whether rows may have got other values without a word in the stream: a rewrite of the file, by
   * something that touched a column. What else rewrites (VACUUM FULL, CLUSTER, TRUNCATE) leaves the
   * columns alone.
   */
  boolean isRewritten() {
    boolean touched =
        !added().isEmpty()
            || !dropped().isEmpty()
            || now.columns().stream()
                .anyMatch(
                    column ->
                        former(column).filter(f -> f.version().equals(column.version())).isEmpty());
    return isRemade() || (then.file() != now.file() && touched);
  }

  /** Whether the target's rows cannot be brought into the new form where they are. */
  boolean needsReload() {
    return isRewritten() || touchesGenerated() || added().stream().anyMatch(c -> c.unreadable());
  }

  private boolean touchesGenerated() {
    return Stream.concat(added().stream(), dropped().stream())
            .anyMatch(column -> !column.generated().isEmpty())
        || now.columns().stream()
            .anyMatch(
                column ->
                    former(column)
                        .filter(
                            f ->
                                !f.generated().equals(column.generated())
                                    || (!column.generated().isEmpty()
                                        && !f.defaultSql().equals(column.defaultSql())))
                        .isPresent());
  }

  /**
   * Whether what the stream sends of the table now is for certain the form of the present reading,
   * although the two were not taken at one moment: what was added was added once, and nothing was
   * both added and dropped, so that equal names and types are equal columns.
   */
  boolean isSingleStep() {
    boolean adds = !added().isEmpty();
    boolean once = now.columnsEver() - then.columnsEver() == added().size();
    return !isRemade()
        && !needsReload()
        && once
        && !(adds && !dropped().isEmpty())
        && then.parent().isPresent() == now.parent().isPresent();
  }

  /** The present reading's form, with all that could refuse a row as it was. */
  TableShape inNewForm() {
    List<ColumnShape> columns = now.columns().stream().map(c -> c.inNewForm(former(c))).toList();
    return new TableShape(
        now.oid(),
        now.name(),
        then.partitioned(),
        now.file(),
        then.parent(),
        then.bound(),
        then.unlogged(),
        then.options(),
        then.properties(),
        then.security(),
        then.identity(),
        now.columnsEver(),
        columns);
  }

  /** The earlier reading, but for NOT NULL that is gone. */
  TableShape loosened() {
    List<ColumnShape> columns =
        then.columns().stream()
            .map(f -> present(f).filter(c -> !c.notNull()).isPresent() ? f.nullable() : f)
            .toList();
    return then.withColumns(columns);
  }

  void describe(List<String> lines) {
    String name = "table " + now.name();
    if (isRenamed()) {
      lines.add("table " + then.name() + " is " + now.name());
    }
    added().forEach(c -> lines.add("column " + now.name() + "." + c.name() + " is new"));
    dropped().forEach(c -> lines.add("column " + then.name() + "." + c.name() + " is gone"));
    for (ColumnShape column : now.columns()) {
      former(column)
          .filter(f -> !f.looksLike(column))
          .ifPresent(
              f ->
                  lines.add(
                      "column %s was: %s; is: %s".formatted(then.name(), f.text(), column.text())));
    }
    if (!then.describe().equals(now.describe())) {
      lines.add(name + " was: " + then.describe() + "; is: " + now.describe());
    }
    if (isRemade()) {
      lines.add(name + " was dropped and made anew");
    } else if (isRewritten() && lines.stream().noneMatch(line -> line.contains(now.name() + "."))) {
      lines.add(name + " was rewritten");
    }
  }
}
