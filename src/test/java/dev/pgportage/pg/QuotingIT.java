package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class QuotingIT {
  private static final String[] ODD = {
    "plain",
    "UPPER",
    "with space",
    "Weird \"\"Table\"\"",
    "quote's",
    "back\\slash",
    "ünïcödé 漢字",
    "select",
    "1digit",
    "dollar$",
    "ends with \\",
    "tab\tand\nnewline",
    "x".repeat(63)
  };

  @Test
  void quotesAsTheServerDoes() throws SQLException {
    try (var database = TestDatabase.source(15);
        var connection = database.migrator()) {
      for (String text : ODD) {
        Sql.execute(connection, "CREATE TEMP TABLE " + Quoting.identifier(text) + " (a int)");
        assertThat(Sql.queryText(connection, "SELECT " + Quoting.literal(text))).hasValue(text);
        assertThat(
                Sql.queryLong(
                    connection,
                    "SELECT count(*) FROM pg_catalog.pg_class WHERE relname = "
                        + Quoting.literal(text)))
            .isEqualTo(1);
        Sql.execute(connection, "SET standard_conforming_strings = off");
        assertThat(Sql.queryText(connection, "SELECT " + Quoting.literal(text))).hasValue(text);
        Sql.execute(connection, "SET standard_conforming_strings = on");
      }
    }
  }

  @Test
  void refusesZeroBytes() {
    assertThatIllegalArgumentException().isThrownBy(() -> Quoting.identifier("a\0b"));
    assertThatIllegalArgumentException().isThrownBy(() -> Quoting.literal("a\0b"));
  }

  @Test
  void showsQuotesOnlyWhereNeeded() {
    assertThat(new QualifiedName("public", "orders")).hasToString("public.orders");
    assertThat(new QualifiedName("Sales", "a\"b")).hasToString("\"Sales\".\"a\"\"b\"");
  }
}
