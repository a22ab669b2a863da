package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Limits;
import dev.pgportage.pg.Database;
import dev.pgportage.spread.ChunkWork;
import dev.pgportage.spread.Wire;
import dev.pgportage.state.ChunkClaims;
import dev.pgportage.state.ChunkClaims.Claim;
import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.Run;
import dev.pgportage.telemetry.Monitor;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Copies chunks of a load's round, on whatever machine: each under a claim that its commit depends
 * on.
 */
public final class SpreadCopies implements ChunkWork {
  /** What rounds of this kind are called. */
  public static final String KIND = "load";

  private final Sessions sessions;
  private final Governor governor;
  private final ChunkCopier copier;
  private final Trying trying;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final Map<Integer, TableLoad> loads = new HashMap<>();
  private @Nullable Claim claim;
  private boolean sealed;

  /** Both databases, and the turn of the run whose round it is. */
  public record Place(Database source, Database target, Run run) {}

  /**
   * Ready to copy.
   *
   * @param terms the round's
   * @param purpose what its sessions are called
   */
  public SpreadCopies(Place place, String terms, String purpose) {
    LoadTerms shared = Wire.read(terms, LoadTerms.class);
    var route = new CopyRoute(place.source(), place.target(), shared.replicaRole(), shared.alone());
    Limits usual = Limits.usual();
    var limits =
        new Limits(
            shared.bytesPerSecond(),
            usual.connectionsKept(),
            usual.replicaLag(),
            usual.stopReplicaLag(),
            usual.snapshotAge());
    governor = new Governor(place.source(), limits, Monitor.none(), Duration.ofSeconds(2));
    var setup =
        new LoadJob.Setup(
            route,
            new LoadLedger(place.run()),
            shared.theSnapshot(),
            Retries.usual(),
            Monitor.none(),
            governor,
            _ -> {});
    sessions = new Sessions(route, purpose);
    copier = new ChunkCopier(sessions, setup, this::seal);
    trying = new Trying(sessions, setup, stopped, copier::at);
  }

  @Override
  public void perform(long round, ChunkRounds.Chunk chunk, IntFunction<String> subjects)
      throws InterruptedException {
    TableLoad load =
        loads.computeIfAbsent(
            chunk.subject(), number -> Wire.read(subjects.apply(number), LoadSubject.class).load());
    claim = null;
    try {
      trying.attempt(
          load.table(),
          again -> {
            copy(round, chunk, load, again);
            return load;
          });
    } catch (TableRewritten e) {
      sessions.drop();
      noteRewritten(load);
    } catch (OutOfMemoryError e) {
      throw LoadFailures.of(e, load.table());
    }
  }

  private void copy(long round, ChunkRounds.Chunk chunk, TableLoad load, boolean again)
      throws SQLException, TableRewritten {
    Connection target = sessions.target();
    Claim former = claim;
    Optional<Claim> taken =
        again && former != null
            ? ChunkClaims.again(target, former)
            : ChunkClaims.take(target, round, chunk.number());
    target.commit();
    if (taken.isEmpty()) {
      return;
    }
    claim = taken.get();
    sealed = false;
    if (load.cut().chunks() == 1) {
      copier.whole(load);
    } else {
      copier.part(load, Chunk.of(load.cut(), chunk.part()), true);
    }
    if (!sealed) {
      // It was there before, from a try whose commit went through unnoticed, or an earlier run.
      note(new CopiedChunk(0, false));
    }
  }

  private void seal(Connection transaction, Transfer.Moved moved) throws SQLException {
    ChunkClaims.seal(transaction, current(), Wire.write(new CopiedChunk(moved.rows(), false)));
    sealed = true;
  }

  private Claim current() {
    Claim current = claim;
    if (current == null) {
      throw new IllegalStateException("A chunk without a claim");
    }
    return current;
  }

  private void note(CopiedChunk outcome) throws SQLException {
    Connection target = sessions.target();
    ChunkClaims.seal(target, current(), Wire.write(outcome));
    target.commit();
  }

  private void noteRewritten(TableLoad load) throws InterruptedException {
    try {
      trying.attempt(
          load.table(),
          _ -> {
            note(new CopiedChunk(0, true));
            return load;
          });
    } catch (TableRewritten e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Noting a rewritten table", e);
    }
  }

  @Override
  public void hold(boolean held) {
    governor.pause(held);
  }

  @Override
  public void stop() {
    stopped.countDown();
    governor.end();
    sessions.stop();
  }
}
