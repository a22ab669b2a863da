package dev.pgportage.load;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import dev.pgportage.state.LoadLedger;
import dev.pgportage.state.LoadLedger.Cut;
import dev.pgportage.state.TableState.Copied;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;

/**
 * Copies a table again as a whole, during the cutover's freeze: what the source's WAL does not
 * tell.
 *
 * <p>Stateless but for its ledger; each call opens sessions of its own. Nothing is tried again: the
 * freeze is short, and a failure ends it.
 */
public final class Recopy {
  private final CopyRoute route;
  private final LoadLedger ledger;

  /** Copies along a route; the ledger says what was copied. */
  public Recopy(CopyRoute route, LoadLedger ledger) {
    this.route = route;
    this.ledger = ledger;
  }

  /**
   * Replaces a table's rows on the target by the source's, in one transaction: readers of the
   * target see the former rows or all of the new ones. The source must be quiet, or other tables
   * may be ahead of this one.
   *
   * <p>Where TRUNCATE is not possible rows are deleted, which fires foreign keys that point at them
   * unless the route has the replica role.
   *
   * @return how many rows the table has now
   */
  public long copy(Table table) {
    Side at = Side.SOURCE;
    var transfer = new Transfer();
    try (Connection source = route.source().open("recopy")) {
      Sql.execute(source, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
      at = Side.TARGET;
      try (Connection target = route.openTarget("recopy")) {
        CopyStatements statements = statements(table, source, target);
        Sql.execute(target, "SET LOCAL synchronous_commit = on");
        TargetTables.empty(target, table.name());
        ledger.plan(
            target, table.name(), table.bytes(), Math.max(0, Math.round(table.estimatedRows())));
        ledger.forgetChunks(target, table.name());
        at = Side.SOURCE;
        var moved = transfer.run(source, target, statements, _ -> {});
        at = Side.TARGET;
        ledger.saveChunk(target, table.name(), 0, moved.rows(), moved.bytes());
        ledger.saveCut(target, table.name(), new Cut(1, Math.max(1, table.pages())), 0);
        ledger.save(target, table.name(), new Copied(position(source)));
        target.commit();
        return moved.rows();
      }
    } catch (SQLException e) {
      throw LoadFailures.of(e, table, transfer.at() == Side.TARGET ? Side.TARGET : at);
    }
  }

  private static CopyStatements statements(Table table, Connection source, Connection target)
      throws SQLException {
    var columns = TargetTables.columns(target);
    TargetTables.requireColumns(table, columns);
    var format =
        CopyFormat.of(
            table,
            columns.getOrDefault(table.name(), Map.of()),
            ServerVersion.of(source).major(),
            ServerVersion.of(target).major());
    return CopyStatements.of(table, new Chunk(0, 0, Chunk.OPEN), format);
  }

  private static Lsn position(Connection source) throws SQLException {
    return Lsn.parse(
        Sql.queryText(
                source,
                """
                SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                            ELSE pg_current_wal_insert_lsn() END
                """)
            .orElse("0/0"));
  }
}
