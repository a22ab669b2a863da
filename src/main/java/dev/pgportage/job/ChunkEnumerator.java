package dev.pgportage.job;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.ChunkRounds.Chunk;
import dev.pgportage.state.ChunkRounds.Open;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.runtime.execution.SuppressRestartsException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands out a round's chunks, one to each worker that asks, in the process of Flink's JobManager.
 * It looks at the target's state again and again; a worker that asks has done what it had.
 *
 * <p>All but {@link #look} runs on Flink's coordinator thread.
 */
final class ChunkEnumerator implements SplitEnumerator<ChunkSplit, Boolean> {
  private static final Logger LOG = LoggerFactory.getLogger(ChunkEnumerator.class);
  private static final long BETWEEN_LOOKS_MILLIS = 500;

  private final SplitEnumeratorContext<ChunkSplit> context;
  private final JobSettings settings;
  private final Handout handout = new Handout();
  private final Set<Integer> asking = new LinkedHashSet<>();
  private RoundEvent told = RoundEvent.NONE;
  private boolean over;
  private boolean started;
  private @Nullable Connection connection;
  private long listed = -1;

  ChunkEnumerator(SplitEnumeratorContext<ChunkSplit> context, JobSettings settings) {
    this.context = context;
    this.settings = settings;
  }

  /** What was seen in the state. */
  private record Seen(Optional<Open> round, List<Chunk> chunks) {}

  @Override
  public void start() {
    JdbcDriver.use();
    started = true;
    context.callAsync(this::look, this::see, 0, BETWEEN_LOOKS_MILLIS);
  }

  private Seen look() throws SQLException {
    try {
      Connection open = connection;
      if (open == null) {
        open = settings.databases().target().open("rounds");
        connection = open;
      }
      Optional<Open> round =
          ChunkRounds.current(open, settings.migration())
              .filter(r -> settings.only().isEmpty() || settings.only().getAsLong() == r.id());
      // The chunks of a round are all there when it is opened.
      boolean isNew = round.isPresent() && round.get().id() != listed;
      List<Chunk> chunks = isNew ? ChunkRounds.waiting(open, round.orElseThrow().id()) : List.of();
      listed = round.map(Open::id).orElse(-1L);
      return new Seen(round, chunks);
    } catch (SQLException | MigrationException e) {
      drop();
      listed = -1;
      throw e;
    }
  }

  private void see(Seen seen, @Nullable Throwable failure) {
    if (failure instanceof MigrationException known && known.code().retry() == ErrorCode.Retry.NO) {
      // Such as a password this process does not have: looking again cannot help.
      throw new SuppressRestartsException(known);
    }
    if (failure != null) {
      // The target is away for a moment, or for good: whoever opened the round decides on that.
      LOG.warn("Looking for chunks: {}", describe(failure));
      return;
    }
    handout.see(seen.round(), seen.chunks());
    over = settings.only().isPresent() && seen.round().isEmpty();
    var now =
        seen.round().map(open -> new RoundEvent(open.id(), open.held())).orElse(RoundEvent.NONE);
    if (!now.equals(told)) {
      told = now;
      context.registeredReaders().keySet().forEach(this::tell);
    }
    for (int reader : List.copyOf(asking)) {
      serve(reader);
    }
  }

  private static String describe(Throwable failure) {
    return failure instanceof SQLException sql
        ? SqlFailures.describe(sql)
        : String.valueOf(failure.getMessage());
  }

  private void tell(int reader) {
    context.sendEventToSourceReader(reader, told);
  }

  @Override
  public void handleSplitRequest(int reader, @Nullable String host) {
    handout.free(reader);
    asking.add(reader);
    serve(reader);
  }

  private void serve(int reader) {
    if (!context.registeredReaders().containsKey(reader)) {
      asking.remove(reader);
    } else if (over) {
      asking.remove(reader);
      context.signalNoMoreSplits(reader);
    } else {
      handout
          .next(reader)
          .ifPresent(
              chunk -> {
                asking.remove(reader);
                context.assignSplit(new ChunkSplit(told.round(), chunk), reader);
              });
    }
  }

  @Override
  public void addReader(int reader) {
    if (!told.equals(RoundEvent.NONE)) {
      tell(reader);
    }
  }

  /**
   * Flink gives back everything a lost worker ever had; what it had last is what it had not done.
   */
  @Override
  public void addSplitsBack(List<ChunkSplit> splits, int reader) {
    asking.remove(reader);
    handout.lost(reader);
    for (int other : List.copyOf(asking)) {
      serve(other);
    }
  }

  @Override
  public Boolean snapshotState(long checkpoint) {
    return Boolean.TRUE;
  }

  @Override
  public void close() {
    drop();
    if (started) {
      JdbcDriver.release();
    }
  }

  private void drop() {
    Database.cut(connection);
    connection = null;
  }
}
