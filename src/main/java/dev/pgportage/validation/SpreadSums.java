package dev.pgportage.validation;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.spread.ChunkWork;
import dev.pgportage.spread.Wire;
import dev.pgportage.state.ChunkClaims;
import dev.pgportage.state.ChunkClaims.Claim;
import dev.pgportage.state.ChunkRounds;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;

/** Sums up chunks of a proof's round, on whatever machine. A query that runs is not paused. */
public final class SpreadSums implements ChunkWork {
  /** What rounds of this kind are called. */
  public static final String KIND = "sums";

  private static final int MOST_TRIES = 8;
  private static final long FIRST_PAUSE_MILLIS = 250;

  private final Database source;
  private final Database target;
  private final SumTerms terms;
  private final Map<Integer, SumSubject> subjects = new HashMap<>();
  private volatile boolean stopped;
  private volatile @Nullable Connection reading;
  private volatile @Nullable Connection writing;

  /**
   * Ready to sum up.
   *
   * @param terms the round's
   */
  public SpreadSums(Database source, Database target, String terms) {
    this.source = source;
    this.target = target;
    this.terms = Wire.read(terms, SumTerms.class);
  }

  @Override
  public void perform(long round, ChunkRounds.Chunk chunk, IntFunction<String> texts)
      throws InterruptedException {
    SumSubject subject =
        subjects.computeIfAbsent(
            chunk.subject(), number -> Wire.read(texts.apply(number), SumSubject.class));
    String what = "Comparing " + subject.table().name() + " on the " + subject.side();
    Optional<Claim> claim = Optional.empty();
    for (int tries = 1; ; tries++) {
      MigrationException failure;
      try {
        Connection state = writing();
        // The claim's session is idle while the other one reads: ending it would end nothing.
        claim =
            claim.isPresent()
                ? ChunkClaims.again(state, claim.get())
                : ChunkClaims.take(state, round, chunk.number());
        if (claim.isPresent()) {
          ChunkClaims.seal(state, claim.get(), Wire.write(SummedChunk.of(read(chunk, subject))));
        }
        return;
      } catch (SQLException e) {
        failure = Failures.of(e, what);
        if (!SqlStates.isTransient(e)) {
          throw failure;
        }
      } catch (MigrationException e) {
        failure = e;
        if (e.code().retry() != ErrorCode.Retry.YES || e.code() == ErrorCode.SNAPSHOT_LOST) {
          throw e;
        }
      }
      drop();
      if (stopped || tries == MOST_TRIES) {
        throw failure;
      }
      Thread.sleep(FIRST_PAUSE_MILLIS << tries);
    }
  }

  private Summary read(ChunkRounds.Chunk chunk, SumSubject subject) throws SQLException {
    boolean ofSource = subject.side() == Side.SOURCE;
    Connection connection = reading(ofSource ? source : target);
    var snapshot = new Snapshot(ofSource ? terms.source() : terms.target(), Lsn.ZERO);
    try {
      snapshot.begin(connection);
      Summary summary = Summary.read(connection, subject.total(chunk.part(), terms.hash()));
      TableComparer.requireInPlace(
          connection, subject.table().name(), "Comparing " + subject.table().name());
      Sql.execute(connection, "COMMIT");
      return summary;
    } finally {
      // The next chunk may be of the other side.
      reading = null;
      Database.cut(connection);
    }
  }

  private Connection reading(Database side) throws SQLException {
    Connection opened = kept(side.open("validation"));
    reading = opened;
    return opened;
  }

  private Connection writing() throws SQLException {
    Connection open = writing;
    if (open == null) {
      open = kept(target.open("validation"));
      writing = open;
    }
    return open;
  }

  private Connection kept(Connection opened) throws SQLException {
    if (stopped) {
      Database.cut(opened);
      throw new SQLException("stopped", "57014");
    }
    return opened;
  }

  @Override
  public void stop() {
    stopped = true;
    drop();
  }

  private void drop() {
    Database.cut(reading);
    Database.cut(writing);
    writing = null;
  }
}
