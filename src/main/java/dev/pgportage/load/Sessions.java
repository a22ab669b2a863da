package dev.pgportage.load;

import dev.pgportage.pg.Database;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A worker's two sessions: one reads the source, one writes the target, opened when first needed
 * and again after they were dropped. Used by one thread, but {@link #stop} is for others.
 */
final class Sessions implements AutoCloseable {
  private final CopyRoute route;
  private final String purpose;
  private final AtomicBoolean stopped = new AtomicBoolean();
  private volatile @Nullable Connection source;
  private volatile @Nullable Connection target;

  Sessions(CopyRoute route, String purpose) {
    this.route = route;
    this.purpose = purpose;
  }

  /** Whether nobody else uses the target's tables yet. */
  boolean targetIsOurs() {
    return route.alone();
  }

  /** The session on the source, in auto-commit mode. */
  Connection source() throws SQLException {
    Connection open = source;
    if (open == null) {
      open = opened(route.source().open(purpose));
      source = open;
    }
    return open;
  }

  /** The session on the target, never in auto-commit mode. */
  Connection target() throws SQLException {
    Connection open = target;
    if (open == null) {
      open = opened(route.openTarget(purpose));
      target = open;
    }
    return open;
  }

  private Connection opened(Connection connection) throws SQLException {
    if (stopped.get()) {
      Database.cut(connection);
      throw new SQLException("stopped", "57014");
    }
    return connection;
  }

  /** Cuts both sessions, whatever they are doing: the servers roll back. */
  void drop() {
    Database.cut(source);
    source = null;
    Database.cut(target);
    target = null;
  }

  /** Cuts both sessions and lets none be opened any more; for any thread. */
  void stop() {
    stopped.set(true);
    Database.cut(source);
    Database.cut(target);
  }

  @Override
  public void close() {
    drop();
  }
}
