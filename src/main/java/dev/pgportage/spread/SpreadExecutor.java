package dev.pgportage.spread;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.Run;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does chunks by rounds in the target's state and a pool of workers that take them from there.
 *
 * <p>What is done is known from the target alone: a chunk's outcome is in the commit of its rows.
 * Cut connections to the target are outlived for some minutes.
 */
public final class SpreadExecutor implements ChunkExecutor {
  private static final Logger LOG = LoggerFactory.getLogger(SpreadExecutor.class);
  private static final Duration PATIENCE = Duration.ofMinutes(5);
  private static final long MOMENT_MILLIS = 250;

  private final Database target;
  private final ChunkRounds rounds;
  private final Pool pool;
  private @Nullable Connection connection;

  /**
   * An executor of one run.
   *
   * @param target where the state is
   */
  public SpreadExecutor(Database target, Run run, Pool pool) {
    this.target = target;
    this.rounds = new ChunkRounds(run);
    this.pool = pool;
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection) throws SQLException;
  }

  @Override
  public void run(Work work, Observer observer) {
    if (work.chunks().isEmpty()) {
      return;
    }
    long round = asked(c -> rounds.open(c, work.round(), work.subjects(), work.chunks()));
    try {
      pool.begin(round, workers(work.round()));
      await(round, work, observer);
    } catch (RuntimeException e) {
      closeAfter(round, e);
      throw e;
    }
    close(round);
    pool.end();
  }

  private static int workers(ChunkRounds.Round round) {
    return Math.max(round.sourceSessions(), round.targetSessions());
  }

  private void await(long round, Work work, Observer observer) {
    Set<Integer> left = new HashSet<>();
    work.chunks().forEach(chunk -> left.add(chunk.number()));
    boolean held = false;
    while (!left.isEmpty()) {
      observer.meanwhile();
      boolean wanted = observer.held();
      if (wanted != held) {
        held = wanted;
        asked(c -> hold(c, round, wanted));
      }
      List<ChunkRounds.Done> done = asked(c -> rounds.take(c, round));
      for (ChunkRounds.Done chunk : done) {
        // A crash of the target may bring one back that was told of.
        if (left.remove(chunk.number())) {
          observer.done(chunk.number(), chunk.outcome());
        }
      }
      Optional<String> failure = asked(c -> rounds.failure(c, round));
      if (failure.isPresent()) {
        throw Wire.failure(failure.get());
      }
      if (done.isEmpty()) {
        pool.check();
        pause();
      }
    }
  }

  private Boolean hold(Connection c, long round, boolean held) throws SQLException {
    rounds.hold(c, round, held);
    return held;
  }

  private void closeAfter(long round, RuntimeException failure) {
    // Closing takes some statements; whoever interrupted this thread is answered right after.
    boolean interrupted = Thread.interrupted();
    try {
      close(round);
    } catch (MigrationException e) {
      failure.addSuppressed(e);
    }
    try {
      pool.end();
    } catch (MigrationException e) {
      failure.addSuppressed(e);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void close(long round) {
    asked(
        c -> {
          rounds.close(c, round);
          return round;
        });
    drop();
  }

  private <T> T asked(Question<T> question) {
    long until = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      MigrationException failure;
      try {
        Connection open = connection;
        if (open == null) {
          open = target.open("rounds");
          connection = open;
        }
        return question.ask(open);
      } catch (SQLException e) {
        failure = SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Keeping a round of chunks");
        if (!SqlStates.isTransient(e)) {
          throw failure;
        }
      } catch (MigrationException e) {
        if (e.code().retry() != ErrorCode.Retry.YES) {
          throw e;
        }
        failure = e;
      }
      drop();
      if (System.nanoTime() - until > 0) {
        throw failure;
      }
      LOG.debug("Asking the target again: {}", failure.what());
      pause();
    }
  }

  private void drop() {
    Database.cut(connection);
    connection = null;
  }

  private static void pause() {
    try {
      Thread.sleep(MOMENT_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Waiting for workers was interrupted", e);
    }
  }
}
