package dev.pgportage.state;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * Which spool a stream of a migration may depend on, and on which machine: noted before the source
 * is told to forget anything that is only there. And how full it was when last looked at.
 */
public final class SpoolNote {
  /**
   * The spool.
   *
   * @param id what its files are marked with
   * @param host the machine it is on, for people
   * @param directory where it is there
   */
  public record Noted(UUID id, String host, String directory) {}

  /**
   * How full it was.
   *
   * @param bytes what it takes
   * @param mostBytes what it may take
   * @param from where its changes begin
   * @param to where they end
   * @param full whether there is no room
   */
  public record Fill(long bytes, long mostBytes, Lsn from, Lsn to, boolean full) {}

  /** A stream's spool with its fill, and when that was noted. */
  public record Entry(int stream, Noted spool, Fill fill, Instant notedAt) {}

  private final String migration;
  private final int stream;

  /** The note of a stream. */
  public SpoolNote(String migration, int stream) {
    this.migration = migration;
    this.stream = stream;
  }

  /** What is noted, if anything is. */
  public Optional<Entry> read(Connection connection) throws SQLException {
    return all(connection, migration).stream().filter(e -> e.stream() == stream).findFirst();
  }

  /** What is noted of all streams of a migration, in their order. */
  public static List<Entry> all(Connection connection, String migration) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT id, host, directory, bytes, most_bytes, from_lsn, to_lsn, is_full, noted_at, stream
        FROM pgportage.spool WHERE migration = ? ORDER BY stream
        """,
        row ->
            new Entry(
                row.getInt(10),
                new Noted(row.getObject(1, UUID.class), row.getString(2), row.getString(3)),
                new Fill(
                    row.getLong(4),
                    row.getLong(5),
                    Lsn.parse(row.getString(6)),
                    Lsn.parse(row.getString(7)),
                    row.getBoolean(8)),
                row.getTimestamp(9).toInstant()),
        migration);
  }

  /** Notes a spool in place of a former one that is not needed any more. */
  public void arm(Connection connection, Run run, Noted spool) throws SQLException {
    Fencing.check(connection, run);
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.spool (migration, stream, id, host, directory)
        VALUES (?, ?, ?, ?, ?)
        ON CONFLICT (migration, stream) DO UPDATE SET id = excluded.id, host = excluded.host,
          directory = excluded.directory, armed_at = now(), bytes = 0, from_lsn = '0/0',
          to_lsn = '0/0', is_full = false, noted_at = now()
        """,
        migration,
        stream,
        spool.id(),
        spool.host(),
        spool.directory());
  }

  /** Forgets a spool that is lost, within the transaction that makes it needless. */
  public void forget(Connection transaction, Run run) throws SQLException {
    Fencing.check(transaction, run);
    Sql.update(
        transaction,
        "DELETE FROM pgportage.spool WHERE migration = ? AND stream = ?",
        migration,
        stream);
  }

  /** Notes how full it is. */
  public void fill(Connection connection, Fill fill) throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.spool SET bytes = ?, most_bytes = ?, from_lsn = ?::pg_lsn,
          to_lsn = ?::pg_lsn, is_full = ?, noted_at = now()
        WHERE migration = ? AND stream = ?
        """,
        fill.bytes(),
        fill.mostBytes(),
        fill.from().toString(),
        fill.to().toString(),
        fill.full(),
        migration,
        stream);
  }
}
