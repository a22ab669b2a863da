package dev.pgportage.assess;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A role of one test's own. Open it before the databases it gets grants in, so that it is dropped
 * after them.
 */
record TestRole(EmbeddedServer server, String name) implements AutoCloseable {
  private static final AtomicInteger COUNTER = new AtomicInteger();

  /** A role that can log in with the tests' password; its name needs quotes. */
  static TestRole login(EmbeddedServer server) throws SQLException {
    return create(server, "LOGIN PASSWORD " + Quoting.literal(TestDatabase.PASSWORD));
  }

  /** A role that owns things and cannot log in. */
  static TestRole owner(EmbeddedServer server) throws SQLException {
    return create(server, "NOLOGIN");
  }

  private static TestRole create(EmbeddedServer server, String attributes) throws SQLException {
    var role = new TestRole(server, "Test-role " + COUNTER.incrementAndGet());
    role.run("CREATE ROLE " + role.sql() + " " + attributes);
    return role;
  }

  /** The name for SQL. */
  String sql() {
    return Quoting.identifier(name);
  }

  private void run(String statement) throws SQLException {
    try (var connection = server.superuser("postgres")) {
      Sql.execute(connection, statement);
    }
  }

  @Override
  public void close() throws SQLException {
    run("DROP OWNED BY " + sql());
    run("DROP ROLE " + sql());
  }
}
