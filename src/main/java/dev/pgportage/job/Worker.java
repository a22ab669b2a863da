package dev.pgportage.job;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.load.SpreadCopies;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.spread.ChunkWork;
import dev.pgportage.spread.Wire;
import dev.pgportage.state.ChunkClaims;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.ChunkRounds.Open;
import dev.pgportage.state.Run;
import dev.pgportage.validation.SpreadSums;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does chunks, one after the other, in the process of a TaskManager. What a chunk meets that cannot
 * be mended ends its round, and not the worker. Used by one thread, but {@link #hear} and {@link
 * #stop} are for others.
 */
final class Worker {
  private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

  private final JobSettings settings;
  private final int number;
  private final JobSettings.Both databases;
  private @Nullable ChunkWork doing;
  private long doingRound = -1;
  private RoundEvent heard = RoundEvent.NONE;
  private boolean stopped;

  Worker(JobSettings settings, int number) {
    this.settings = settings;
    this.number = number;
    this.databases = settings.databases();
  }

  /**
   * Does a chunk; returns when it is done, or another's, or its round is over.
   *
   * @throws MigrationException if not even that could be told to whoever opened the round
   */
  void perform(ChunkSplit split) throws InterruptedException {
    try {
      long round = split.round();
      Optional<ChunkWork> ready = doing(round);
      if (ready.isPresent()) {
        ready.get().perform(round, split.chunk(), subject -> subject(round, subject));
      }
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.LEASE_LOST || isOver(split.round())) {
        LOG.info("Chunk {} is left: {}", split.splitId(), e.what());
        return;
      }
      tell(split.round(), e);
    }
  }

  private Optional<ChunkWork> doing(long round) {
    synchronized (this) {
      if (doing != null && doingRound == round) {
        return Optional.of(doing);
      }
    }
    Optional<Open> open =
        asked((c, migration) -> ChunkRounds.current(c, migration)).filter(r -> r.id() == round);
    return open.map(this::ready);
  }

  private synchronized ChunkWork ready(Open open) {
    ChunkWork former = doing;
    if (former != null) {
      former.stop();
    }
    ChunkWork next = workOf(open);
    doing = next;
    doingRound = open.id();
    if (stopped) {
      next.stop();
    } else if (heard.round() == open.id()) {
      next.hold(heard.held());
    }
    return next;
  }

  private ChunkWork workOf(Open open) {
    String terms = open.round().terms();
    Database source = databases.source();
    Database target = databases.target();
    if (!open.round().kind().equals(SpreadCopies.KIND)) {
      return new SpreadSums(source, target, terms);
    }
    var run = new Run(settings.migration(), open.epoch());
    return new SpreadCopies(new SpreadCopies.Place(source, target, run), terms, "copy-" + number);
  }

  private String subject(long round, int subject) {
    return asked((c, _) -> ChunkRounds.subject(c, round, subject))
        .orElseThrow(
            () -> new MigrationException(ErrorCode.LEASE_LOST, "The round is not open any more"));
  }

  @FunctionalInterface
  private interface Question<T> {
    T ask(Connection connection, String migration) throws SQLException;
  }

  private <T> T asked(Question<T> question) {
    try (Connection connection = databases.target().open("rounds")) {
      return question.ask(connection, settings.migration());
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Asking for a round of chunks");
    }
  }

  private void tell(long round, MigrationException failure) {
    LOG.warn("A chunk cannot be done: {}: {}", failure.code(), failure.what());
    var _ =
        asked(
            (c, _) -> {
              ChunkClaims.fail(c, round, Wire.failure(failure));
              return round;
            });
  }

  private synchronized boolean isOver(long round) {
    return stopped || heard.round() != round;
  }

  /** Hears of the rounds: what is done for one that is closed ends. */
  synchronized void hear(RoundEvent event) {
    heard = event;
    ChunkWork now = doing;
    if (now == null) {
      return;
    }
    if (event.round() == doingRound) {
      now.hold(event.held());
    } else {
      now.stop();
      doing = null;
      doingRound = -1;
    }
  }

  /** Ends whatever is done. */
  synchronized void stop() {
    stopped = true;
    if (doing != null) {
      doing.stop();
    }
  }
}
