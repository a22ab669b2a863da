package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Snapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import dev.pgportage.schema.Table;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.TableState;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * The transactions of a load on the target. Used by one thread. After an exception the sessions
 * must be dropped; each method can then be tried again, even if its commit went through unnoticed.
 *
 * <p>A part's commit is asynchronous: a crash of the target may take back the last of them, always
 * rows and ledger row together. So a table counts as complete only by a synchronous commit that has
 * seen all its ledger rows: WAL is flushed in order, so what it has seen is as durable as itself.
 */
final class ChunkCopier {
  private final Sessions sessions;
  private final LoadLedger ledger;
  private final Snapshot snapshot;
  private final Governor governor;
  private final Transfer transfer = new Transfer();
  private final Seal seal;
  private Side at = Side.TARGET;
  private boolean transferring;

  ChunkCopier(Sessions sessions, LoadJob.Setup setup) {
    this(sessions, setup, (_, _) -> {});
  }

  ChunkCopier(Sessions sessions, LoadJob.Setup setup, Seal seal) {
    this.sessions = sessions;
    this.seal = seal;
    ledger = setup.ledger();
    snapshot = setup.snapshot();
    governor = setup.governor();
  }

  /** The last word in a chunk's transaction: whether it may be committed. */
  @FunctionalInterface
  interface Seal {
    /**
     * Looks at it.
     *
     * @throws MigrationException if it may not
     */
    void put(Connection transaction, Transfer.Moved moved) throws SQLException;
  }

  /** The side that was spoken to last: where a failure comes from. */
  Side at() {
    return transferring ? transfer.at() : at;
  }

  /** Begins, copies and completes a table of one chunk. */
  void whole(TableLoad load) throws SQLException, TableRewritten {
    Connection target = target();
    if (!begin(target, load)) {
      target.rollback();
      return;
    }
    Sql.execute(target, "SET LOCAL synchronous_commit = on");
    Chunk chunk = load.chunks().getFirst();
    CopyStatements statements = load.statements(chunk);
    if (sessions.targetIsOurs() && TargetTables.mayTruncate(target, load.name())) {
      TargetTables.truncate(target, load.name());
      statements = statements.frozen();
    }
    var piece = new Piece(load, chunk, statements);
    copy(target, piece, () -> ledger.save(target, load.name(), copied()));
    CrashPoint.LOAD_AFTER_TABLE.pass();
  }

  /**
   * Begins a table of several chunks, or goes on with it.
   *
   * @return the chunks that are not on the target
   */
  List<Chunk> begin(TableLoad load) throws SQLException {
    Connection target = target();
    Sql.execute(target, "SET LOCAL synchronous_commit = on");
    begin(target, load);
    List<Chunk> missing = missing(target, load);
    target.commit();
    return missing;
  }

  /**
   * Copies one chunk of a table that has begun.
   *
   * @param again whether it may be on the target already
   */
  void part(TableLoad load, Chunk chunk, boolean again) throws SQLException, TableRewritten {
    Connection target = target();
    if (again && ledger.hasChunk(target, load.name(), chunk.number())) {
      target.rollback();
      return;
    }
    Sql.execute(target, "SET LOCAL synchronous_commit = off");
    copy(target, new Piece(load, chunk, load.statements(chunk)), () -> {});
  }

  /**
   * Completes a table if all its chunks are on the target.
   *
   * @return the chunks that are not: a crash of the target took them back
   */
  List<Chunk> finish(TableLoad load) throws SQLException {
    Connection target = target();
    Sql.execute(target, "SET LOCAL synchronous_commit = on");
    List<Chunk> missing = missing(target, load);
    if (missing.isEmpty()) {
      ledger.save(target, load.name(), copied());
    }
    target.commit();
    if (missing.isEmpty()) {
      CrashPoint.LOAD_AFTER_TABLE.pass();
    }
    return missing;
  }

  private Connection target() throws SQLException {
    at = Side.TARGET;
    return sessions.target();
  }

  private TableState.Copied copied() {
    return new TableState.Planned().copying(snapshot.consistentPoint()).copied();
  }

  private List<Chunk> missing(Connection target, TableLoad load) throws SQLException {
    Set<Integer> there = ledger.chunks(target, load.name());
    return load.chunks().stream().filter(chunk -> !there.contains(chunk.number())).toList();
  }

  /** Makes the table ready to take chunks, in the transaction at hand; false if it is complete. */
  private boolean begin(Connection target, TableLoad load) throws SQLException {
    TableState state = ledger.table(target, load.name()).orElse(new TableState.Planned());
    var point = snapshot.consistentPoint();
    switch (state) {
      case TableState.Planned planned -> {
        TargetTables.requireEmpty(target, load.name());
        ledger.save(target, load.name(), planned.copying(point));
      }
      case TableState.Copying copying when copying.snapshot().equals(point) -> {
        return true;
      }
      case TableState.Copying copying -> {
        if (load.touched().isPresent() && mend(target, load)) {
          ledger.save(target, load.name(), copying.restarted(point));
          return true;
        }
        TargetTables.empty(target, load.name());
        ledger.forgetChunks(target, load.name());
        ledger.save(target, load.name(), copying.restarted(point));
      }
      case TableState.Copied _ -> {
        return false;
      }
    }
    ledger.saveCut(target, load.name(), load.cut(), file(load));
    return true;
  }

  /** Which file of the source is cut, as the snapshot sees it; 0 if none is. */
  private long file(TableLoad load) throws SQLException {
    if (load.cut().chunks() == 1) {
      return 0;
    }
    at = Side.SOURCE;
    Connection source = sessions.source();
    snapshot.begin(source);
    long file =
        Sql.queryLong(
            source, "SELECT relfilenode::bigint FROM pg_class WHERE oid = ?", load.table().oid());
    Sql.execute(source, "COMMIT");
    at = Side.TARGET;
    return file;
  }

  /** Makes the chunks that are there what the snapshot shows; false if it takes copying anew. */
  private boolean mend(Connection target, TableLoad load) throws SQLException {
    Set<Integer> there = ledger.chunks(target, load.name());
    List<Chunk> chunks = load.chunks().stream().filter(c -> there.contains(c.number())).toList();
    // In another file, rows would lie in other places.
    if (chunks.isEmpty() || ledger.cutFile(target, load.name()) != file(load)) {
      return false;
    }
    Connection source = sessions.source();
    snapshot.begin(source);
    long keys = load.touched().orElseThrow().size();
    try {
      long more = new Mending(source, target, load).run(chunks);
      requireUntouched(source, load.table());
      ledger.addRows(target, load.name(), chunks.getFirst().number(), more);
    } catch (TableRewritten e) {
      throw new SQLException("the table is being rewritten", "40001", e);
    }
    Sql.execute(source, "COMMIT");
    CrashPoint.LOAD_BEFORE_MENDED_COMMIT.pass();
    load.mended(keys);
    return true;
  }

  /** More to be done in a chunk's transaction. */
  @FunctionalInterface
  private interface More {
    void run() throws SQLException;
  }

  /** What one transaction copies. */
  private record Piece(TableLoad load, Chunk chunk, CopyStatements statements) {}

  private void copy(Connection target, Piece piece, More more) throws SQLException, TableRewritten {
    TableLoad load = piece.load();
    Chunk chunk = piece.chunk();
    var progress = load.new ChunkProgress(chunk);
    boolean done = false;
    try {
      at = Side.SOURCE;
      Connection source = sessions.source();
      snapshot.begin(source);
      transferring = true;
      Transfer.Moved moved = transfer(source, target, piece, progress);
      transferring = false;
      requireUntouched(source, load.table());
      // Also lets go of the table's lock, for the application's own ALTER TABLE.
      Sql.execute(source, "COMMIT");
      at = Side.TARGET;
      saveChunk(target, load, chunk, moved);
      more.run();
      seal.put(target, moved);
      CrashPoint.LOAD_BEFORE_CHUNK_COMMIT.pass();
      target.commit();
      CrashPoint.LOAD_AFTER_CHUNK_COMMIT.pass();
      progress.done(moved.rows());
      done = true;
    } finally {
      if (!done) {
        progress.undone();
      }
    }
  }

  private Transfer.Moved transfer(
      Connection source, Connection target, Piece piece, TableLoad.ChunkProgress progress)
      throws SQLException, TableRewritten {
    try {
      return transfer.run(
          source,
          target,
          piece.statements(),
          bytes -> {
            progress.moved(bytes);
            governor.read(bytes);
          });
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.UNIQUE_VIOLATION)
          || SqlStates.is(e, SqlStates.EXCLUSION_VIOLATION)) {
        requireUntouched(piece.load().table(), e);
      }
      throw e;
    }
  }

  /** Rows that are there already may be those that a rewrite has moved from another chunk. */
  private void requireUntouched(Table table, SQLException violation)
      throws SQLException, TableRewritten {
    sessions.drop();
    try {
      Connection source = sessions.source();
      snapshot.begin(source);
      requireUntouched(source, table);
    } catch (SQLException e) {
      violation.addSuppressed(e);
      throw violation;
    } finally {
      sessions.drop();
    }
  }

  private void saveChunk(Connection target, TableLoad load, Chunk chunk, Transfer.Moved moved)
      throws SQLException {
    try {
      ledger.saveChunk(target, load.name(), chunk.number(), moved.rows(), moved.bytes());
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.UNIQUE_VIOLATION)) {
        // A session given up for lost has committed this chunk after all: look again.
        throw new SQLException("the chunk came from a session given up for lost", "40001", e);
      }
      throw e;
    }
  }

  /** Compares where the table lies now, under COPY's lock, with where the snapshot saw it. */
  private static void requireUntouched(Connection source, Table table)
      throws SQLException, TableRewritten {
    boolean untouched =
        Sql.queryFirst(
                source,
                """
                SELECT c.relfilenode = pg_relation_filenode(to_regclass(?))
                FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE n.nspname = ? AND c.relname = ?
                """,
                row -> row.getBoolean(1),
                table.name().sql(),
                table.name().schema(),
                table.name().name())
            .orElse(false);
    if (!untouched) {
      throw new TableRewritten();
    }
  }

  /** The failure of a load whose other tables are complete. */
  static MigrationException rewritten(List<Table> tables) {
    return new MigrationException(
        ErrorCode.SNAPSHOT_LOST,
        "Truncated or rewritten on the source since the snapshot was taken: "
            + String.join(", ", tables.stream().map(t -> t.name().toString()).toList()));
  }
}
