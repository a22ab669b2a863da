package dev.pgportage.load;

import dev.pgportage.MigrationException;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.Table;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;

/** Does a worker's work, and does it again with new sessions while its failures may pass. */
final class Trying {
  private final Sessions sessions;
  private final LoadJob.Setup setup;
  private final CountDownLatch stop;
  private final Supplier<Side> at;

  /**
   * For the work of one thread.
   *
   * @param sessions dropped after each failure
   * @param stop ends the waiting between tries
   * @param at where a failure comes from
   */
  Trying(Sessions sessions, LoadJob.Setup setup, CountDownLatch stop, Supplier<Side> at) {
    this.sessions = sessions;
    this.setup = setup;
    this.stop = stop;
    this.at = at;
  }

  /** Something that can be tried again after the sessions were dropped. */
  @FunctionalInterface
  interface Work<T> {
    T run(boolean again) throws SQLException, TableRewritten;
  }

  <T> T attempt(Table table, Work<T> work) throws InterruptedException, TableRewritten {
    var attempts = setup.retries().begin();
    while (true) {
      MigrationException failure;
      boolean passing;
      try {
        return work.run(attempts.isRetry());
      } catch (SQLException e) {
        failure = LoadFailures.of(e, table, at.get());
        passing = LoadFailures.isPassing(e);
      } catch (MigrationException e) {
        failure = e;
        passing = LoadFailures.isPassing(e);
      }
      sessions.drop();
      if (!passing || !attempts.again(stop)) {
        throw failure;
      }
      String what = failure.code() + ": " + failure.what() + "; trying again";
      setup.monitor().event(Event.warning("load.retry", what));
    }
  }
}
