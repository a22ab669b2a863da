package dev.pgportage.workflow;

/** How far a run of a migration came. */
public enum Outcome {
  /** Loaded, caught up and proven; the slot keeps what comes after. */
  READY,
  /** The writes have moved: the target is the database now. */
  CUT_OVER,
  /** A full load without replication is complete and proven. */
  LOADED
}
