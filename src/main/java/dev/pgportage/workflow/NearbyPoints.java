package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Two moments of the two sides, one shortly after the other: where the source has no free
 * replication slot to make one moment of. Rows that nothing touched in between must be equal; which
 * those are the stream tells.
 *
 * <p>The source's snapshot shows every transaction up to {@link #at}, because all that ran there
 * when that was applied have ended before it was taken; and none that the target's does not show,
 * because that was taken once everything in the source's was applied.
 */
final class NearbyPoints<T> implements BothSides<T> {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Session session;
  private final Replication replication;
  private final Lsn at;
  private final ExportedSnapshot source;
  private final ExportedSnapshot target;
  private final AtomicReference<@Nullable T> found = new AtomicReference<>();

  /**
   * Takes both snapshots.
   *
   * @param standing asked while nothing is applied, with both snapshots taken; is told since when
   *     rows may have been touched in between
   */
  NearbyPoints(Session session, Replication replication, Function<Lsn, T> standing) {
    this.session = session;
    this.replication = replication;
    at = replication.holdAt(replication::applied, replication::applied);
    Waiting.forOldTransactions(session.source(), session.monitor(), this::awaitRunning);
    source = ExportedSnapshot.take(session.source());
    try {
      awaitApplied();
      target =
          replication.holdAt(
              replication::applied,
              () -> {
                found.set(standing.apply(at));
                return ExportedSnapshot.take(session.target());
              });
    } catch (RuntimeException e) {
      source.close();
      throw e;
    }
  }

  /** A transaction can be in the stream already and yet be running for whoever takes a snapshot. */
  private Boolean awaitRunning() {
    try (Connection connection = session.source().open("mark")) {
      long newest = Sql.queryLong(connection, "SELECT txid_snapshot_xmax(txid_current_snapshot())");
      while (Sql.queryLong(connection, "SELECT txid_snapshot_xmin(txid_current_snapshot())")
          < newest) {
        Thread.sleep(POLL.toMillis());
      }
      return true;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Waiting for running transactions");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Validation interrupted", e);
    }
  }

  private void awaitApplied() {
    try {
      Lsn mark = session.mark();
      while (!replication.awaitApplied(mark, POLL)) {
        session.heartbeat();
      }
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Waiting for the target");
    }
  }

  @Override
  public Lsn at() {
    return at;
  }

  @Override
  public ExportedSnapshot source() {
    return source;
  }

  @Override
  public ExportedSnapshot target() {
    return target;
  }

  @Override
  public T found() {
    return java.util.Objects.requireNonNull(found.get());
  }

  @Override
  public void close() {
    try (target) {
      source.close();
    }
  }
}
