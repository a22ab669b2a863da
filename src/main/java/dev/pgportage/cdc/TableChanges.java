package dev.pgportage.cdc;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pgoutput.Message.Former;
import dev.pgportage.pgoutput.Tuple;
import org.jspecify.annotations.Nullable;

/**
 * The net change of one table: what a sequence of changes comes to. Not thread-safe.
 *
 * <p>A change that cannot follow those before it (an update of a row just deleted) means that the
 * stream or this program is wrong: a PROTOCOL_VIOLATION.
 */
sealed interface TableChanges permits KeyedChanges, BagChanges {
  /** Nothing yet. */
  static TableChanges of(ReplicatedTable table) {
    return table.isKeyed() ? new KeyedChanges(table) : new BagChanges(table);
  }

  ReplicatedTable table();

  void insert(Tuple row);

  void update(Former former, @Nullable Tuple old, Tuple row);

  void delete(Former former, Tuple old);

  /** Forgets all changes so far: whatever they were, no row is left of them. */
  void truncate();

  /** Whether the table is to be emptied before the changes. */
  boolean isTruncated();

  /** Whether rows of the target change or go, not just new ones come. */
  boolean touchesTarget();

  /** A stream that contradicts itself. */
  static MigrationException contradiction(ReplicatedTable table, String what) {
    return new MigrationException(
        ErrorCode.PROTOCOL_VIOLATION, "A change of " + table.describe() + " " + what);
  }
}
