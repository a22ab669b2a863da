package dev.pgportage.pgoutput;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One message of a logical replication stream. Transactions come whole, one after the other, in the
 * order of their commits.
 */
public sealed interface Message {
  /**
   * A transaction begins.
   *
   * @param commitLsn where its commit record begins
   * @param committedAt when it was committed, by the source's clock
   * @param xid its number, unsigned
   */
  record Begin(Lsn commitLsn, Instant committedAt, long xid) implements Message {}

  /**
   * A transaction ends.
   *
   * @param commitLsn where its commit record begins
   * @param endLsn where its commit record ends: the position to continue from
   * @param committedAt when it was committed, by the source's clock
   */
  record Commit(Lsn commitLsn, Lsn endLsn, Instant committedAt) implements Message {}

  /**
   * The transaction was itself replicated to the source from elsewhere.
   *
   * @param commitLsn where it was committed there
   * @param name the replication origin's name
   */
  record Origin(Lsn commitLsn, String name) implements Message {}

  /**
   * What the following changes of a relation look like; sent before the first of them, and again
   * after the relation was altered.
   *
   * @param oid the relation's OID on the source
   * @param name its name
   * @param identity its replica identity: {@code d}efault, {@code n}othing, {@code f}ull or {@code
   *     i}ndex
   * @param columns the columns of each tuple, in order; generated ones are not sent
   */
  record Relation(long oid, QualifiedName name, char identity, List<RelationColumn> columns)
      implements Message {
    /** Copies the list. */
    public Relation {
      columns = List.copyOf(columns);
    }
  }

  /**
   * One column of a relation as it is sent.
   *
   * @param key whether it is part of the replica identity
   * @param name its name
   * @param typeOid its type's OID on the source
   * @param typeModifier its type's modifier, -1 if it has none
   */
  record RelationColumn(boolean key, String name, long typeOid, int typeModifier) {}

  /**
   * The name of a type that is not built in.
   *
   * @param oid its OID on the source
   * @param name its name
   */
  record Type(long oid, QualifiedName name) implements Message {}

  /** A change of one row. */
  sealed interface RowChange extends Message {
    /** The relation's OID. */
    long relation();
  }

  /**
   * A row was inserted.
   *
   * @param relation the relation's OID
   * @param row all of it
   */
  record Insert(long relation, Tuple row) implements RowChange {}

  /**
   * A row was updated.
   *
   * @param relation the relation's OID
   * @param former what is told of the former version
   * @param old the former version: null if {@code former} is NONE; of a KEY only the key's columns
   *     mean anything
   * @param row the new version; unchanged TOASTed values are left out
   */
  record Update(long relation, Former former, @Nullable Tuple old, Tuple row)
      implements RowChange {}

  /**
   * A row was deleted.
   *
   * @param relation the relation's OID
   * @param former what is told of it, never NONE
   * @param old the row: of a KEY only the key's columns mean anything
   */
  record Delete(long relation, Former former, Tuple old) implements RowChange {}

  /** What a message tells of a row's former version. */
  enum Former {
    /** Nothing: the key's columns were not changed. */
    NONE,
    /** The key's columns. */
    KEY,
    /** All columns: the replica identity is FULL. */
    FULL
  }

  /**
   * Relations were truncated together.
   *
   * @param relations their OIDs: those named, and those reached by CASCADE
   * @param cascade whether CASCADE was said
   * @param restartIdentity whether RESTART IDENTITY was said
   */
  record Truncate(List<Long> relations, boolean cascade, boolean restartIdentity)
      implements Message {
    /** Copies the list. */
    public Truncate {
      relations = List.copyOf(relations);
    }
  }

  /**
   * A message of {@code pg_logical_emit_message}.
   *
   * @param transactional whether it belongs to the transaction it is in
   * @param lsn where it lies
   * @param prefix whose it is
   * @param content what it says, read-only
   */
  record Logical(boolean transactional, Lsn lsn, String prefix, ByteBuffer content)
      implements Message {}
}
