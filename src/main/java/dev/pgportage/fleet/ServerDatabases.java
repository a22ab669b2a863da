package dev.pgportage.fleet;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile.Discovery;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The databases of the server a fleet comes from, and of the one it goes to. */
public final class ServerDatabases {
  private static final String APPLICATION = "pgportage fleet";

  private final Discovery discovery;

  /** The two servers. */
  public ServerDatabases(Discovery discovery) {
    this.discovery = discovery;
  }

  /** A database of the source's server, and how its text is encoded. */
  private record Found(String name, String encoding) {}

  /** The names of the source's databases that accept connections of this role. */
  public List<String> list() {
    return found(discovery.source().database()).stream().map(Found::name).toList();
  }

  /**
   * Makes the databases that migrations go to and that are not there yet, where the settings say
   * so.
   *
   * @return their names
   */
  public List<String> create(List<Member> members) {
    if (!discovery.create()) {
      return List.of();
    }
    Map<String, String> encodings = new HashMap<>();
    found(discovery.source().database())
        .forEach(database -> encodings.put(database.name(), database.encoding()));
    try (Connection target = new Database(discovery.target(), APPLICATION).open("create")) {
      Set<String> there = names(target);
      var made = new ArrayList<String>();
      for (Member member : members) {
        String name = member.config().target().database();
        String encoding = encodings.get(member.config().source().database());
        if (onServer(member) && encoding != null && there.add(name)) {
          create(target, name, encoding);
          made.add(name);
        }
      }
      return List.copyOf(made);
    } catch (SQLException e) {
      throw failure(e, "Listing the target's databases");
    }
  }

  private boolean onServer(Member member) {
    return member.config().target().host().equals(discovery.target().host())
        && member.config().target().port() == discovery.target().port();
  }

  private static void create(Connection target, String name, String encoding) {
    try {
      Sql.execute(
          target,
          "CREATE DATABASE %s TEMPLATE template0 ENCODING %s"
              .formatted(Quoting.identifier(name), Quoting.literal(encoding)));
    } catch (SQLException e) {
      throw failure(e, "Creating the database " + name + " on the target");
    }
  }

  private static Set<String> names(Connection connection) throws SQLException {
    return new HashSet<>(
        Sql.query(connection, "SELECT datname FROM pg_database", row -> row.getString(1)));
  }

  private List<Found> found(String from) {
    try (Connection source = new Database(discovery.source(), APPLICATION).open("list")) {
      return Sql.query(
          source,
          """
          SELECT datname, pg_encoding_to_char(encoding)
          FROM pg_database
          WHERE datallowconn AND NOT datistemplate AND has_database_privilege(datname, 'CONNECT')
          ORDER BY datname
          """,
          row -> new Found(row.getString(1), row.getString(2)));
    } catch (SQLException e) {
      throw failure(e, "Listing the databases of the source from " + from);
    }
  }

  private static MigrationException failure(SQLException e, String what) {
    return SqlFailures.translate(e, ErrorCode.SQL_FAILED, what);
  }
}
