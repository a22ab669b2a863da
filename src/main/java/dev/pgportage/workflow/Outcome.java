package dev.pgportage.workflow;

/** How far a run of a migration came. */
public enum Outcome {
  /** Loaded, caught up and proven; the slot keeps what comes after. */
  READY,
  /** The writes have moved: the target is the database now. */
  CUT_OVER,
  /** The writes have moved back to the source, and nothing replicates any more. */
  ROLLED_BACK,
  /** Given up: the source stays the database, and nothing of the migration is left on it. */
  ABANDONED,
  /** A full load without replication is complete and proven. */
  LOADED
}
