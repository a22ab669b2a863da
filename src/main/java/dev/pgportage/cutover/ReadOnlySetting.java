package dev.pgportage.cutover;

import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * The source database's own value of {@code default_transaction_read_only}, which every session
 * takes when it begins. Source: PostgreSQL manual, "ALTER DATABASE", "pg_db_role_setting".
 */
final class ReadOnlySetting implements Barrier {
  private static final String NAME = "default_transaction_read_only";

  /** Only its owner may alter a database. */
  private static final String NOT_OURS =
      """
      SELECT format('the migration''s role does not own the database (GRANT %I TO %I)',
        pg_get_userbyid(datdba), current_user)
      FROM pg_database WHERE datname = current_database() AND NOT pg_has_role(datdba, 'USAGE')
      """;

  /** A role's own setting beats the database's. */
  private static final String EXEMPT_ROLES =
      """
      SELECT format('a setting of its own lets the role %1$s write (ALTER ROLE %1$I %2$sRESET'
        ' default_transaction_read_only)', r.rolname,
        CASE WHEN s.setdatabase <> 0 THEN format('IN DATABASE %I ', current_database()) END)
      FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole AND r.rolcanlogin
      CROSS JOIN LATERAL unnest(s.setconfig) AS c
      WHERE CASE WHEN lower(split_part(c, '=', 1)) = 'default_transaction_read_only'
          THEN NOT split_part(c, '=', 2)::bool ELSE false END
        AND (s.setdatabase = 0
          OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
      """;

  /** What a login event trigger cannot write behind the fence, it fails, and the login with it. */
  private static final String LOGIN_TRIGGERS =
      """
      SELECT format('the event trigger %1$s fires at every login and may write (ALTER EVENT TRIGGER'
        ' %1$I DISABLE)', evtname)
      FROM pg_event_trigger WHERE evtevent = 'login' AND evtenabled IN ('O', 'A')
      """;

  private final Connection session;
  private final Database side;
  private final String database;

  /** The setting of the database a session is in. */
  ReadOnlySetting(Connection session, Database side) throws SQLException {
    this.session = session;
    this.side = side;
    this.database = Sql.queryText(session, "SELECT current_database()::text").orElseThrow();
  }

  @Override
  public List<String> obstacles() throws SQLException {
    var found = new ArrayList<String>();
    for (String sql : List.of(NOT_OURS, EXEMPT_ROLES, LOGIN_TRIGGERS)) {
      found.addAll(Sql.query(session, sql, row -> row.getString(1)));
    }
    return found;
  }

  @Override
  public List<Part> parts() throws SQLException {
    return List.of(new Part(Fence.RESOURCE, database, restoring()));
  }

  /** Makes every session that begins from now on read-only. */
  @Override
  public void put() throws SQLException {
    Sql.execute(session, alter() + " SET " + NAME + " = on");
  }

  @Override
  public Optional<String> gap(Connection fresh) throws SQLException {
    return new ReadOnlySetting(fresh, side).isOn()
        ? Optional.empty()
        : Optional.of(NAME + " is off again");
  }

  @Override
  public SourceSessions sessions() {
    return SourceSessions.of(session, side);
  }

  /** Whether sessions that begin now are read-only by this setting. */
  boolean isOn() throws SQLException {
    String value = value().map(text -> text.toLowerCase(Locale.ROOT)).orElse("off");
    return Sql.queryText(session, "SELECT ?::bool", value).orElse("f").equals("t");
  }

  /** The SQL that puts the present value back, or its absence. */
  private String restoring() throws SQLException {
    String change =
        value()
            .map(value -> " SET " + NAME + " = " + Quoting.literal(value))
            .orElse(" RESET " + NAME);
    return Barrier.writing(alter() + change);
  }

  private String alter() {
    return "ALTER DATABASE " + Quoting.identifier(database);
  }

  private Optional<String> value() throws SQLException {
    return Sql.queryText(
        session,
        """
        SELECT substr(c, strpos(c, '=') + 1)
        FROM pg_db_role_setting s CROSS JOIN LATERAL unnest(s.setconfig) AS c
        WHERE s.setrole = 0
          AND s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
          AND lower(split_part(c, '=', 1)) = ?
        """,
        NAME);
  }
}
