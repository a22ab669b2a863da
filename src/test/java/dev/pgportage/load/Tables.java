package dev.pgportage.load;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Makes tables for tests that need no server. */
final class Tables {
  private final QualifiedName name;
  private final List<Column> columns = new ArrayList<>();
  private boolean unlogged;
  private long bytes;
  private long pages;

  private Tables(String name) {
    this.name = new QualifiedName("public", name);
  }

  static Tables of(String name) {
    return new Tables(name);
  }

  Tables column(String column, String type) {
    columns.add(new Column(column, type, 23, true, false, false, Column.Identity.NONE));
    return this;
  }

  Tables userColumn(String column, String type) {
    columns.add(new Column(column, type, 16_400, false, false, false, Column.Identity.NONE));
    return this;
  }

  Tables generated(String column) {
    columns.add(new Column(column, "integer", 23, true, false, true, Column.Identity.NONE));
    return this;
  }

  Tables sized(long size, long heapPages) {
    bytes = size;
    pages = heapPages;
    return this;
  }

  Tables unlogged() {
    unlogged = true;
    return this;
  }

  Table build() {
    return new Table(
        16_384,
        name,
        Table.Kind.ORDINARY,
        unlogged,
        columns,
        Optional.empty(),
        Table.ReplicaIdentity.NOTHING,
        Optional.empty(),
        false,
        false,
        bytes,
        pages,
        -1);
  }
}
