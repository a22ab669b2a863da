package dev.pgportage.pg;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * A session in replication mode: creates slots and reads them.
 *
 * <p>Owns its connection. A snapshot exported by {@link #createSlot} lives until the next command
 * on this session or its end. Not thread-safe, but for {@link #close}. Source: PostgreSQL manual,
 * "Streaming Replication Protocol".
 */
public final class ReplicationConnection implements AutoCloseable {
  private static final List<String> SETTINGS =
      List.of(
          "SET search_path = pg_catalog",
          "SET TimeZone = 'UTC'",
          "SET DateStyle = 'ISO, YMD'",
          "SET IntervalStyle = 'postgres'",
          "SET extra_float_digits = 3",
          "SET bytea_output = 'hex'",
          "SET lc_monetary = 'C'",
          "SET statement_timeout = 0",
          "SET lock_timeout = 0",
          "SET idle_in_transaction_session_timeout = 0");

  /**
   * A slot just made.
   *
   * @param consistentPoint transactions that commit before it are in the snapshot, the others will
   *     be in the stream
   * @param snapshot name of the exported snapshot, for SET TRANSACTION SNAPSHOT
   */
  public record CreatedSlot(String name, Lsn consistentPoint, String snapshot) {}

  private final Connection connection;
  private final Endpoint endpoint;

  ReplicationConnection(Connection connection, Endpoint endpoint) {
    this.connection = connection;
    this.endpoint = endpoint;
  }

  static void prepare(Connection connection) throws SQLException {
    for (String setting : SETTINGS) {
      Sql.execute(connection, setting);
    }
  }

  /**
   * Creates a logical slot of plugin pgoutput and exports its snapshot. Waits for every transaction
   * running on the source to end.
   *
   * @param temporary whether the slot ends with this session
   * @throws MigrationException SLOT_TAKEN if the name is taken, NO_FREE_SLOT if there are as many
   *     as the server is set up for
   */
  public CreatedSlot createSlot(String slot, boolean temporary) {
    String sql =
        String.format(
            Locale.ROOT,
            "CREATE_REPLICATION_SLOT %s%s LOGICAL pgoutput EXPORT_SNAPSHOT",
            Quoting.identifier(slot),
            temporary ? " TEMPORARY" : "");
    try (var statement = connection.createStatement();
        var row = statement.executeQuery(sql)) {
      row.next();
      return new CreatedSlot(
          slot, Lsn.parse(row.getString("consistent_point")), row.getString("snapshot_name"));
    } catch (SQLException e) {
      String what = "Creating the replication slot " + slot + " on the " + endpoint.side();
      throw SqlFailures.translate(e, creationCode(e), what);
    }
  }

  private static ErrorCode creationCode(SQLException error) {
    if (SqlStates.is(error, SqlStates.DUPLICATE_OBJECT)) {
      return ErrorCode.SLOT_TAKEN;
    }
    return SqlStates.is(error, SqlStates.LIMIT_REACHED)
        ? ErrorCode.NO_FREE_SLOT
        : ErrorCode.SQL_FAILED;
  }

  /**
   * Starts streaming. The returned stream belongs to this connection and ends with it.
   *
   * @param from where to begin; the server begins later if the slot is already further
   * @param options of pgoutput, such as {@code proto_version}
   */
  public PGReplicationStream stream(String slot, Lsn from, Map<String, String> options) {
    try {
      var builder =
          connection
              .unwrap(PGConnection.class)
              .getReplicationAPI()
              .replicationStream()
              .logical()
              .withSlotName(slot)
              .withStartPosition(LogSequenceNumber.valueOf(from.value()))
              .withStatusInterval(5, TimeUnit.SECONDS)
              .withAutomaticFlush(false);
      options.forEach(builder::withSlotOption);
      return builder.start();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, streamCode(e), "Streaming from the replication slot " + slot);
    }
  }

  private static ErrorCode streamCode(SQLException error) {
    if (SqlStates.is(error, SqlStates.UNDEFINED_OBJECT)) {
      return ErrorCode.SLOT_MISSING;
    }
    if (SqlStates.is(error, SqlStates.OBJECT_IN_USE)) {
      return ErrorCode.SLOT_IN_USE;
    }
    return SqlStates.is(error, "55000") ? ErrorCode.SLOT_LOST : ErrorCode.SQL_FAILED;
  }

  /** Ends the session, its stream and its snapshot. */
  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw SqlFailures.translate(
          e, ErrorCode.CONNECTION_LOST, "Closing a replication session on the " + endpoint.side());
    }
  }
}
