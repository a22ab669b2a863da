package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.Column;
import dev.pgportage.schema.Column.Identity;
import dev.pgportage.schema.Table;
import dev.pgportage.schema.Table.ReplicaIdentity;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Tables of text columns, for tests without a server. */
final class TestTables {
  private TestTables() {}

  static ReplicatedTable keyed(String key, String... others) {
    return table(Optional.of(new Table.Key("pk", List.of(key), true)), key, others);
  }

  static ReplicatedTable keyless(String first, String... others) {
    return table(Optional.empty(), first, others);
  }

  private static ReplicatedTable table(Optional<Table.Key> key, String first, String... others) {
    List<Column> columns =
        Stream.concat(Stream.of(first), Stream.of(others))
            .map(name -> new Column(name, "text", 25, true, false, false, Identity.NONE))
            .toList();
    return new ReplicatedTable(
        new Table(
            7,
            new QualifiedName("public", "t"),
            Table.Kind.ORDINARY,
            false,
            columns,
            key,
            key.isPresent() ? ReplicaIdentity.KEY : ReplicaIdentity.FULL,
            Optional.empty(),
            false,
            false,
            0,
            0,
            0),
        Lsn.ZERO);
  }
}
