package dev.pgportage.workflow;

/** The phases that are no step: where a migration ends. */
final class Phases {
  /** The target is the database now. */
  static final String CUT_OVER = "cut-over";

  /** The source is the database again, and nothing replicates. */
  static final String ROLLED_BACK = "rolled-back";

  /** A full load without replication is complete. */
  static final String LOADED = "loaded";

  /** The whole schema is made, for rows that come by other ways. */
  static final String SCHEMA_MADE = "schema-made";

  /** Stopped in an emergency after replication had begun: it cannot go on. */
  static final String STOPPED = "stopped";

  private Phases() {}
}
