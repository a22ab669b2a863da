package dev.pgportage.workflow;

import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;

/** Snapshots of both sides that can be compared, held open until closed. */
interface BothSides<T> extends AutoCloseable {
  /** Up to where in the source's history rows are proven if they are equal in both. */
  Lsn at();

  ExportedSnapshot source();

  ExportedSnapshot target();

  /** What was found out while nothing was applied. */
  T found();

  @Override
  void close();
}
