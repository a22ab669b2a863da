package dev.pgportage.state;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The state's own schema in the target: makes it, finds migrations in it, and drops it.
 *
 * <p>Not thread-safe; each call uses the connection it is given.
 */
public final class StateStore {
  /** The newest version of the state this program reads and writes. */
  static final int VERSION = 1;

  /** The phase of a migration that was entered, and of which no step has begun. */
  public static final String NEW = "new";

  private static final long LOCK_CLASS = 0x70677074L;

  /**
   * One migration as the state has it.
   *
   * @param name its name
   * @param type {@code full-load}, {@code cdc} or {@code full-load-and-cdc}
   * @param source which database the rows come from: system identifier and database name
   * @param settingsHash of the settings that must not change under way
   * @param createdAt when it was first run
   * @param holder who runs or ran it last: host and process
   * @param phase where it stands, one word
   * @param phaseSince since when
   */
  public record Migration(
      String name,
      String type,
      String source,
      String settingsHash,
      Instant createdAt,
      Optional<String> holder,
      String phase,
      Instant phaseSince) {}

  private StateStore() {}

  /** Whether the target holds any state at all. */
  public static boolean exists(Connection connection) throws SQLException {
    return Sql.queryText(connection, "SELECT to_regclass('pgportage.state_version')::text")
        .isPresent();
  }

  /**
   * Makes the state's schema unless it is there.
   *
   * @throws MigrationException STATE_NEWER if a newer program made it
   */
  public static void create(Connection connection) throws SQLException {
    if (!exists(connection)) {
      connection.setAutoCommit(false);
      try {
        Sql.execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK_CLASS + ")");
        if (!exists(connection)) {
          Sql.execute(connection, script());
        }
        connection.commit();
      } finally {
        connection.rollback();
        connection.setAutoCommit(true);
      }
    }
    long version = Sql.queryLong(connection, "SELECT max(version) FROM pgportage.state_version");
    if (version > VERSION) {
      throw new MigrationException(
          ErrorCode.STATE_NEWER, "The target's state has version " + version + ", this is 1");
    }
  }

  /** The migration of that name, if the target has one. */
  public static Optional<Migration> find(Connection connection, String name) throws SQLException {
    if (!exists(connection)) {
      return Optional.empty();
    }
    return Sql.queryFirst(connection, SELECT + " WHERE name = ?", StateStore::migrationOf, name);
  }

  /** All migrations the target has state of. */
  public static List<Migration> all(Connection connection) throws SQLException {
    return exists(connection)
        ? Sql.query(connection, SELECT + " ORDER BY name", StateStore::migrationOf)
        : List.of();
  }

  private static final String SELECT =
      """
      SELECT name, type, source, settings_hash, created_at, run_holder, phase, phase_since
      FROM pgportage.migration
      """;

  /** Enters a migration, unless it is there and no longer {@link #NEW}. */
  public static void enter(
      Connection connection, String name, String type, String source, String settingsHash)
      throws SQLException {
    Sql.update(
        connection,
        """
        INSERT INTO pgportage.migration (name, type, source, settings_hash) VALUES (?, ?, ?, ?)
        ON CONFLICT (name) DO UPDATE
          SET type = EXCLUDED.type, source = EXCLUDED.source, settings_hash = EXCLUDED.settings_hash
          WHERE migration.phase = 'new'
        """,
        name,
        type,
        source,
        settingsHash);
  }

  /** Says where the migration stands. */
  public static void phase(Connection connection, Run run, String phase) throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.migration SET phase = ?, phase_since = now()
        WHERE name = ? AND run_epoch = ? AND phase <> ?
        """,
        phase,
        run.migration(),
        run.epoch(),
        phase);
  }

  /** Whether a process holds a migration's lease now. */
  public static boolean isLeased(Connection connection, String name) throws SQLException {
    return Sql.queryLong(
            connection,
            """
            SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND usename = current_user AND application_name = ?
            """,
            "pgportage " + name + " lease")
        > 0;
  }

  /**
   * Takes the turn of whoever runs the migration, without waiting: nothing of an earlier turn can
   * be committed any more.
   *
   * @param phase where it stands from now on; null to leave that as it is
   */
  public static void halt(Connection connection, String name, @Nullable String phase)
      throws SQLException {
    Sql.update(
        connection,
        """
        UPDATE pgportage.migration SET run_epoch = run_epoch + 1, run_holder = 'emergency-stop',
          phase_since = CASE WHEN ?::text IS NULL THEN phase_since ELSE now() END,
          phase = coalesce(?::text, phase)
        WHERE name = ?
        """,
        phase,
        phase,
        name);
  }

  /** Removes a migration's state, and the whole schema with the last one. */
  public static void remove(Connection connection, String name) throws SQLException {
    Sql.update(connection, "DELETE FROM pgportage.migration WHERE name = ?", name);
    if (all(connection).isEmpty()) {
      Sql.execute(connection, "DROP SCHEMA pgportage CASCADE");
    }
  }

  /**
   * Takes the migration's lease: this process runs it, and no other, until the lease is closed or
   * its session ends. What is left of an earlier run's sessions on the target is ended.
   *
   * @param holder host and process, for people
   * @throws MigrationException LEASE_HELD if another process runs it
   */
  public static Lease lease(Database target, String migration, String holder) {
    Connection connection = target.open("lease");
    try {
      String key = "hashtextextended(" + Quoting.literal("pgportage " + migration) + ", 0)";
      boolean got =
          Sql.queryText(connection, "SELECT pg_try_advisory_lock(" + key + ")")
              .orElseThrow()
              .equals("t");
      if (!got) {
        String who = find(connection, migration).flatMap(Migration::holder).orElse("unknown");
        throw new MigrationException(
            ErrorCode.LEASE_HELD, "Migration " + migration + " is being run by " + who);
      }
      endFormerSessions(connection, target.application());
      long epoch =
          Sql.queryLong(
              connection,
              """
              UPDATE pgportage.migration SET run_epoch = run_epoch + 1, run_holder = ?
              WHERE name = ? RETURNING run_epoch
              """,
              holder,
              migration);
      return new Lease(connection, new Run(migration, epoch));
    } catch (SQLException e) {
      close(connection, e);
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Taking the lease of " + migration);
    } catch (RuntimeException e) {
      close(connection, e);
      throw e;
    }
  }

  /**
   * Lets a run's turn hold in a second state as well, such as the source's while changes flow back:
   * what is left there of an earlier run's sessions is ended.
   *
   * @param connection a session on the second state's database, the first one of this run there
   * @param application the start of the application_name of this migration's sessions
   * @throws MigrationException LEASE_LOST if a later run holds it
   */
  public static void follow(Connection connection, String application, Run run)
      throws SQLException {
    endFormerSessions(connection, application);
    int ours =
        Sql.update(
            connection,
            "UPDATE pgportage.migration SET run_epoch = ? WHERE name = ? AND run_epoch <= ?",
            run.epoch(),
            run.migration(),
            run.epoch());
    if (ours != 1) {
      throw new MigrationException(
          ErrorCode.LEASE_LOST,
          "Migration " + run.migration() + " was taken over by another process");
    }
  }

  private static void endFormerSessions(Connection connection, String application)
      throws SQLException {
    Sql.query(
        connection,
        """
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND usename = current_user
          AND starts_with(application_name, ?) AND application_name NOT LIKE '% status'
          AND pid <> pg_backend_pid() AND backend_start < (
            SELECT backend_start FROM pg_stat_activity WHERE pid = pg_backend_pid())
        """,
        row -> row.getString(1),
        application + " ");
  }

  private static void close(Connection connection, Exception first) {
    try {
      connection.close();
    } catch (SQLException e) {
      first.addSuppressed(e);
    }
  }

  private static Migration migrationOf(ResultSet row) throws SQLException {
    return new Migration(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        row.getString(4),
        row.getTimestamp(5).toInstant(),
        Optional.ofNullable(row.getString(6)),
        row.getString(7),
        row.getTimestamp(8).toInstant());
  }

  private static String script() {
    try (InputStream script = StateStore.class.getResourceAsStream("schema-1.sql")) {
      if (script == null) {
        throw new IllegalStateException("schema-1.sql is not in the jar");
      }
      return new String(script.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
