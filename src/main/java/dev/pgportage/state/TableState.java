package dev.pgportage.state;

import dev.pgportage.pg.Lsn;

/**
 * Where the load of one table stands. The methods are the legal transitions; all states are
 * durable.
 *
 * <pre>
 *  Planned ──copying──► Copying ──copied──► Copied
 *                        │    ▲               │
 *                        └restarted           │
 *                             └────recopying──┘   (again during the freeze)
 * </pre>
 */
public sealed interface TableState {
  /** Nothing of it is on the target. */
  record Planned() implements TableState {
    /** The load begins under a snapshot. */
    public Copying copying(Lsn snapshot) {
      return new Copying(snapshot);
    }
  }

  /**
   * Some chunks may be on the target.
   *
   * @param snapshot the consistent point of the snapshot the rows come from
   */
  record Copying(Lsn snapshot) implements TableState {
    /** Every chunk is on the target. */
    public Copied copied() {
      return new Copied(snapshot);
    }

    /** The snapshot is gone: everything of it is discarded, and it begins anew under another. */
    public Copying restarted(Lsn newSnapshot) {
      return new Copying(newSnapshot);
    }
  }

  /**
   * Every row of the snapshot is on the target; changes committed at or after it come by
   * replication.
   *
   * @param snapshot the consistent point of the snapshot the rows come from
   */
  record Copied(Lsn snapshot) implements TableState {
    /** The load begins again, under a newer snapshot. */
    public Copying recopying(Lsn newSnapshot) {
      return new Copying(newSnapshot);
    }
  }
}
