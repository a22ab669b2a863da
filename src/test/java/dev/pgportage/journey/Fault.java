package dev.pgportage.journey;

/** What can befall a migration. */
enum Fault {
  /** kill -9 of the program. */
  KILL,
  /** SIGTERM to the program, as a service's stop or a deployment does. */
  TERMINATE,
  /** The program stands still for some seconds (SIGSTOP, SIGCONT). */
  PAUSE,
  /** The program stands still, loses its sessions, is replaced by another one, and wakes up. */
  ZOMBIE,
  /** The program's clock jumps by hours. */
  CLOCK,
  /** The source stops at once and starts again. */
  SOURCE_CRASH,
  /** The target stops at once and starts again. */
  TARGET_CRASH,
  /** Every connection to the source is reset. */
  SOURCE_CUT,
  /** Every connection to the target is reset. */
  TARGET_CUT,
  /** The source is far away for some seconds. */
  SOURCE_SLOW,
  /** The target is far away for some seconds. */
  TARGET_SLOW,
  /** Nothing comes from or goes to the source for some seconds; nobody is told. */
  SOURCE_SILENT,
  /** Nothing comes from or goes to the target for some seconds; nobody is told. */
  TARGET_SILENT,
  /** Every session of the program on the target is ended by its server. */
  TARGET_SESSIONS,
  /** Every session of the program on the source is ended by its server. */
  SOURCE_SESSIONS,
  /** The target's disk is full for some seconds. */
  DISK_FULL,
  /** The disk on which changes wait is full for some seconds. */
  SPOOL_FULL,
  /** kill -9 of the program, and what waited on its disk is gone. */
  SPOOL_GONE;

  boolean isOfSpool() {
    return this == SPOOL_FULL || this == SPOOL_GONE;
  }
}
