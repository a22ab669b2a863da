package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;

/** Knows the source's position, and is told of the spool; on the reading thread. */
interface ReaderWatcher {
  /** Where the source's WAL is, as far as is known. */
  Lsn source();

  /** What is received goes to the spool from now on. */
  void spooling();

  /** The spool has no room, or has again. */
  void full(boolean full);

  /** What is received goes straight to the target again. */
  void drained();
}
