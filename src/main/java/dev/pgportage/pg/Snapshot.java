package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Set;

/**
 * A state of a database that any number of sessions can see: an exported snapshot and where it lies
 * in the WAL.
 *
 * @param name what {@code SET TRANSACTION SNAPSHOT} takes
 * @param consistentPoint transactions that commit before it are in the snapshot, the others are not
 */
public record Snapshot(String name, Lsn consistentPoint) {
  // Gone in 12 to 16, gone since 17, its transaction ended in between.
  private static final Set<String> GONE = Set.of("22023", SqlStates.UNDEFINED_OBJECT, "55000");

  /** The snapshot a slot was made with. */
  public static Snapshot of(ReplicationConnection.CreatedSlot slot) {
    return new Snapshot(slot.snapshot(), slot.consistentPoint());
  }

  /**
   * Begins a read-only transaction that sees this snapshot. The connection must be in auto-commit
   * mode and outside of a transaction; {@code COMMIT} or {@code ROLLBACK} ends it. Source:
   * PostgreSQL manual, "SET TRANSACTION".
   *
   * @throws MigrationException SNAPSHOT_LOST if the exporting transaction has ended
   */
  public void begin(Connection connection) throws SQLException {
    Sql.execute(connection, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    enter(connection);
  }

  /** Lets a transaction that has only begun, in isolation level REPEATABLE READ, see it. */
  void enter(Connection connection) throws SQLException {
    try {
      Sql.execute(connection, "SET TRANSACTION SNAPSHOT " + Quoting.literal(name));
    } catch (SQLException e) {
      if (GONE.stream().anyMatch(state -> SqlStates.is(e, state))) {
        throw SqlFailures.translate(e, ErrorCode.SNAPSHOT_LOST, "Using the exported snapshot");
      }
      throw e;
    }
  }
}
