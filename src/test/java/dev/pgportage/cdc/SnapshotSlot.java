package dev.pgportage.cdc;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ReplicationConnection;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** A temporary slot with its snapshot: what the source was at its consistent point. */
final class SnapshotSlot implements AutoCloseable {
  private final Database database;
  private final ReplicationConnection replication;
  private @Nullable Connection reader;

  SnapshotSlot(Endpoint source) {
    database = new Database(source, "pgportage snapshot");
    replication = database.openReplication("snapshot");
  }

  /** Makes the slot and takes its snapshot. */
  Lsn point() throws SQLException {
    var slot = replication.createSlot("held_" + database.endpoint().database(), true);
    Connection connection = database.open("reader");
    reader = connection;
    connection.setAutoCommit(false);
    Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ");
    Sql.execute(connection, "SET TRANSACTION SNAPSHOT " + Quoting.literal(slot.snapshot()));
    return slot.consistentPoint();
  }

  long count(String query) throws SQLException {
    if (reader == null) {
      throw new IllegalStateException("No snapshot yet");
    }
    return Sql.queryLong(reader, query);
  }

  @Override
  public void close() throws SQLException {
    if (reader != null) {
      reader.close();
    }
    replication.close();
  }
}
