package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import java.util.List;
import java.util.Optional;

/**
 * A table that can hold rows, or a partitioned table above such ones.
 *
 * @param oid its OID on the server it was read from
 * @param name its name
 * @param kind what it is
 * @param unlogged whether it is left out of the WAL, and so of every replication
 * @param columns all columns in their order, dropped ones left out
 * @param key how one row is told from another by value; empty if nothing can (see {@link Key})
 * @param replicaIdentity what the WAL says of a changed row's former version
 * @param partitionRoot the topmost partitioned table above it, if it is a partition
 * @param rowSecurity whether row security is enabled
 * @param forcedRowSecurity whether it is forced upon the owner
 * @param bytes size on disk with TOAST, without indexes; 0 for a partitioned table
 * @param pages size of the heap in 8 kB pages
 * @param estimatedRows the planner's estimate; negative if the table was never analyzed
 */
public record Table(
    long oid,
    QualifiedName name,
    Kind kind,
    boolean unlogged,
    List<Column> columns,
    Optional<Key> key,
    ReplicaIdentity replicaIdentity,
    Optional<QualifiedName> partitionRoot,
    boolean rowSecurity,
    boolean forcedRowSecurity,
    long bytes,
    long pages,
    double estimatedRows) {

  /** Copies the list. */
  public Table {
    columns = List.copyOf(columns);
  }

  /** What a relation is. */
  public enum Kind {
    /** An ordinary table or a leaf partition: it holds rows. */
    ORDINARY,
    /** A partitioned table: its rows lie in its partitions. */
    PARTITIONED
  }

  /**
   * The columns of a unique, not partial, immediate index over columns that refuse NULL.
   *
   * @param index the index's name
   * @param columns the columns in the index's order
   * @param primary whether it is the primary key
   */
  public record Key(String index, List<String> columns, boolean primary) {
    /** Copies the list. */
    public Key {
      columns = List.copyOf(columns);
    }
  }

  /**
   * What the WAL holds of the former version of an updated or deleted row, resolved: a DEFAULT
   * without a usable primary key is NOTHING. Source: PostgreSQL manual, "ALTER TABLE … REPLICA
   * IDENTITY".
   */
  public enum ReplicaIdentity {
    /** The columns of the primary key or of the chosen index: those of {@link Table#key}. */
    KEY,
    /** The whole row. */
    FULL,
    /** Nothing: once published, the application's UPDATE and DELETE fail. */
    NOTHING
  }

  /** The columns that are written: all but generated ones. */
  public List<Column> writtenColumns() {
    return columns.stream().filter(column -> !column.generated()).toList();
  }

  /** The names of the columns that are written. */
  public List<String> writtenColumnNames() {
    return writtenColumns().stream().map(Column::name).toList();
  }

  /** Whether it holds rows itself. */
  public boolean holdsRows() {
    return kind == Kind.ORDINARY;
  }
}
