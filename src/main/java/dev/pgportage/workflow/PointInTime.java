package dev.pgportage.workflow;

import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One moment of both sides, held open, and what was found out while both stood there. */
final class PointInTime<T> implements BothSides<T> {
  private final AtomicReference<@Nullable ExportedSnapshot> source = new AtomicReference<>();
  private final AtomicReference<@Nullable T> found = new AtomicReference<>();
  private final ExportedSnapshot target;

  /**
   * Takes both snapshots.
   *
   * @param standing asked while nothing is applied, with both snapshots taken
   */
  PointInTime(
      Session session, SourceObjects objects, Replication replication, Supplier<T> standing) {
    try {
      target =
          replication.holdAt(
              () -> {
                ExportedSnapshot taken = objects.temporary();
                source.set(taken);
                return taken.snapshot().consistentPoint();
              },
              () -> {
                found.set(standing.get());
                return ExportedSnapshot.take(session.target());
              });
    } catch (RuntimeException e) {
      closeSource();
      throw e;
    }
  }

  /** Where in the source's history it is. */
  @Override
  public Lsn at() {
    return source().snapshot().consistentPoint();
  }

  @Override
  public ExportedSnapshot source() {
    return Objects.requireNonNull(source.get());
  }

  @Override
  public ExportedSnapshot target() {
    return target;
  }

  /** What was found out. */
  @Override
  public T found() {
    return Objects.requireNonNull(found.get());
  }

  private void closeSource() {
    ExportedSnapshot taken = source.get();
    if (taken != null) {
      taken.close();
    }
  }

  @Override
  public void close() {
    try (target) {
      closeSource();
    }
  }
}
