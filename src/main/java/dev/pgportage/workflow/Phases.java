package dev.pgportage.workflow;

/** The phases that are no step: where a migration ends. */
final class Phases {
  /** The target is the database now. */
  static final String CUT_OVER = "cut-over";

  /** A full load without replication is complete. */
  static final String LOADED = "loaded";

  private Phases() {}
}
