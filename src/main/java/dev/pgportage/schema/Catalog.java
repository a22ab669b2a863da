package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The tables and sequences a database holds at one moment, system schemas and pgportage's own left
 * out.
 *
 * @param version the server's version
 * @param tables ordinary tables, leaf partitions and partitioned tables, in order of name
 * @param sequences all sequences but those of extensions, in order of name
 * @param sequenceUsers which tables take a column's default from a sequence they do not own
 * @param leftOut relations with rows that are never migrated, and why
 * @param extensions the names of all extensions
 */
public record Catalog(
    ServerVersion version,
    List<Table> tables,
    List<Sequence> sequences,
    Map<QualifiedName, Set<QualifiedName>> sequenceUsers,
    List<LeftOut> leftOut,
    List<String> extensions) {

  /** Copies the lists. */
  public Catalog {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
    sequenceUsers = Map.copyOf(sequenceUsers);
    leftOut = List.copyOf(leftOut);
    extensions = List.copyOf(extensions);
  }

  /**
   * A relation that is never migrated.
   *
   * @param name its name
   * @param reason why, as a sentence's end: "is a foreign table"
   */
  public record LeftOut(QualifiedName name, String reason) {}

  /** A table by its name. */
  public Optional<Table> table(QualifiedName name) {
    return tables.stream().filter(table -> table.name().equals(name)).findFirst();
  }
}
