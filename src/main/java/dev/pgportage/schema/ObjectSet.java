package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The one resolved set of objects a migration is about: every phase takes its tables and sequences
 * from here and from nowhere else.
 *
 * @param tables the tables with how each one's rows travel, in order of name; partitioned tables
 *     included
 * @param sequences all sequences within the filters
 * @param largeObjects whether large objects are carried too
 * @param leftOut what else of the schema the filters leave out; null in the state of versions that
 *     had no such filters
 */
public record ObjectSet(
    List<Member> tables,
    List<Sequence> sequences,
    boolean largeObjects,
    @Nullable LeftOutParts leftOut) {

  /** Copies the lists. */
  public ObjectSet {
    tables = List.copyOf(tables);
    sequences = List.copyOf(sequences);
  }

  /** A set whose filters leave no other part of the schema out. */
  public ObjectSet(List<Member> tables, List<Sequence> sequences, boolean largeObjects) {
    this(tables, sequences, largeObjects, null);
  }

  /** Whether the filters leave an entry of the archive out by its kind, or as an extension. */
  boolean leavesOut(TocEntry entry) {
    return leftOut != null && leftOut.has(entry);
  }

  /** Whether the filters leave all comments out. */
  boolean leavesOutComments() {
    return leftOut != null && leftOut.comments();
  }

  /**
   * A table and how its rows travel.
   *
   * @param table the table as the source has it
   * @param replication how its rows travel
   */
  public record Member(Table table, Replication replication) {
    /** The table's name. */
    public QualifiedName name() {
      return table.name();
    }
  }

  /** How the rows of a table travel. */
  public enum Replication {
    /** Loaded once, then every change is replicated. */
    STREAMED,
    /**
     * Loaded once, then loaded again during the cutover's freeze, because the source's WAL does not
     * tell its changes: unlogged tables, and tables whose updated rows could not be identified.
     */
    RECOPIED,
    /** A partitioned table: it has no rows of its own. */
    NONE
  }

  /** The tables that hold rows. */
  public List<Member> rowHolders() {
    return tables.stream().filter(member -> member.table().holdsRows()).toList();
  }

  /** The tables whose changes are replicated. */
  public List<Table> streamed() {
    return with(Replication.STREAMED);
  }

  /** The tables copied again during the freeze. */
  public List<Table> recopied() {
    return with(Replication.RECOPIED);
  }

  /** A table of the set by its name. */
  public Optional<Table> table(QualifiedName name) {
    return tables.stream().filter(m -> m.name().equals(name)).map(Member::table).findFirst();
  }

  private List<Table> with(Replication replication) {
    return tables.stream()
        .filter(member -> member.replication() == replication)
        .map(Member::table)
        .toList();
  }
}
