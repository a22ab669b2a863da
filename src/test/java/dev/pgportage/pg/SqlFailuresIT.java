package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgportage.ErrorCode;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class SqlFailuresIT {
  private static final String SECRET = "4711081599";

  @Test
  void neverTellsRowValues() throws SQLException {
    try (var fixture = TestDatabase.source(15);
        var connection = fixture.migrator()) {
      fixture.execute(
          """
          CREATE TABLE public.t (a bigint PRIMARY KEY, b int CHECK (b < 5), c text NOT NULL);
          INSERT INTO public.t VALUES (%1$s, 1, 'x');
          CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS $$
            BEGIN RAISE EXCEPTION 'customer %1$s'; END $$
          """
              .formatted(SECRET));
      for (String sql :
          new String[] {
            "INSERT INTO public.t VALUES (" + SECRET + ", 1, 'y')",
            "INSERT INTO public.t VALUES (2, 9, '" + SECRET + "')",
            "INSERT INTO public.t VALUES (" + SECRET + "1, 1, NULL)",
            "INSERT INTO public.t VALUES (3, '" + SECRET + "', 'y')",
            "SELECT ('x' || '" + SECRET + "')::int",
            "SELECT public.f()"
          }) {
        SQLException failure =
            catchThrowableOfType(SQLException.class, () -> Sql.execute(connection, sql));
        var translated = SqlFailures.translate(failure, ErrorCode.SQL_FAILED, "Testing");
        assertThat(translated.display()).as(sql).doesNotContain(SECRET).contains("Testing: ");
      }
    }
  }

  @Test
  void namesTableAndConstraint() throws SQLException {
    try (var fixture = TestDatabase.source(15);
        var connection = fixture.migrator()) {
      fixture.execute("CREATE TABLE public.\"Odd t\" (a int CONSTRAINT \"Only one\" UNIQUE)");
      fixture.execute("INSERT INTO public.\"Odd t\" VALUES (1)");
      SQLException failure =
          catchThrowableOfType(
              SQLException.class,
              () -> Sql.execute(connection, "INSERT INTO public.\"Odd t\" VALUES (1)"));
      assertThat(SqlFailures.describe(failure))
          .isEqualTo(
              "unique constraint violated on public.\"Odd t\", constraint \"Only one\" (23505)");
    }
  }
}
