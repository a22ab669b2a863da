package dev.pgportage.cdc;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Random transactions, PostgreSQL as the oracle: whatever the source accepts, the target must end
 * with, however the transactions were cut into batches. A failure names its seed.
 */
class RandomTransactionsIT {
  private static final String SCHEMA =
      """
      CREATE TABLE keyed (id int PRIMARY KEY, u int UNIQUE, d int UNIQUE DEFERRABLE, v text,
        long text, g int GENERATED ALWAYS AS (id * 2) STORED);
      CREATE TABLE full_keyed (id int PRIMARY KEY, u int UNIQUE, d int, v text, long text);
      CREATE TABLE by_index (id int NOT NULL, u int UNIQUE, d int, v text, long text);
      CREATE UNIQUE INDEX by_index_id ON by_index (id);
      CREATE TABLE bag (id int, u int, d int, v text, long text);
      ALTER TABLE keyed ALTER long SET STORAGE EXTERNAL;
      ALTER TABLE full_keyed ALTER long SET STORAGE EXTERNAL;
      ALTER TABLE by_index ALTER long SET STORAGE EXTERNAL;
      ALTER TABLE bag ALTER long SET STORAGE EXTERNAL;
      ALTER TABLE full_keyed REPLICA IDENTITY FULL;
      ALTER TABLE by_index REPLICA IDENTITY USING INDEX by_index_id;
      ALTER TABLE bag REPLICA IDENTITY FULL
      """;

  private static final String[] TABLES = {"keyed", "full_keyed", "by_index", "bag"};

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void endsWithTheRowsOfTheSource(long seed) throws SQLException {
    var random = new Random(seed);
    try (var fixture = ReplicationFixture.between(15, 15)) {
      // Small enough that some transactions are written in parts.
      fixture.memory(random.nextBoolean() ? 20_000 : 64 << 20).schema(SCHEMA);
      for (int round = 0; round < 3; round++) {
        // The first transactions of a round are behind when it starts, the others come singly.
        transactions(fixture, random, 40);
        fixture.start();
        transactions(fixture, random, 40);
        fixture.syncAndCompare();
        fixture.stop();
      }
    }
  }

  private static void transactions(ReplicationFixture fixture, Random random, int count)
      throws SQLException {
    try (var connection = fixture.source.writer()) {
      connection.setAutoCommit(false);
      for (int i = 0; i < count; i++) {
        Sql.execute(connection, "SET CONSTRAINTS ALL DEFERRED");
        int statements = 1 + random.nextInt(8);
        for (int j = 0; j < statements; j++) {
          attempt(connection, statement(random));
        }
        finish(connection, random.nextInt(10) == 0);
      }
    }
  }

  private static void finish(Connection connection, boolean rollback) throws SQLException {
    if (rollback) {
      connection.rollback();
      return;
    }
    try {
      connection.commit();
    } catch (SQLException e) {
      // A deferred constraint: the source takes back the whole transaction.
      connection.rollback();
    }
  }

  /** A statement that violates a constraint is undone, as an application would with a savepoint. */
  private static void attempt(Connection connection, String sql) throws SQLException {
    var savepoint = connection.setSavepoint();
    try {
      Sql.execute(connection, sql);
    } catch (SQLException e) {
      connection.rollback(savepoint);
    }
  }

  private static String statement(Random random) {
    String table = TABLES[random.nextInt(TABLES.length)];
    int id = random.nextInt(12);
    int other = random.nextInt(12);
    String form =
        switch (random.nextInt(14)) {
          case 0, 1, 2 ->
              "INSERT INTO %1$s (id, u, d, v, long) VALUES (%2$d, %2$d, %3$d, %4$s, %5$s)";
          case 3 -> "UPDATE %1$s SET v = %4$s WHERE id = %2$d";
          case 4 -> "UPDATE %1$s SET long = %5$s WHERE id = %2$d";
          case 5 -> "UPDATE %1$s SET id = %3$d WHERE id = %2$d";
          case 6 -> "UPDATE %1$s SET u = %3$d, v = %4$s WHERE id = %2$d";
          case 7 ->
              "UPDATE %1$s SET d = CASE d WHEN %2$d THEN %3$d ELSE %2$d END WHERE d IN (%2$d, %3$d)";
          case 8 -> "UPDATE %1$s SET u = NULL WHERE u = %2$d";
          case 9 -> "DELETE FROM %1$s WHERE id = %2$d";
          case 10 -> "UPDATE %1$s SET id = id + 100, v = %4$s WHERE id < %2$d";
          case 11 -> "UPDATE %1$s SET id = id - 100 WHERE id > 100";
          case 12 -> "DELETE FROM %1$s WHERE id %% 5 = %2$d %% 5";
          default -> random.nextInt(6) == 0 ? "TRUNCATE %1$s" : "UPDATE %1$s SET v = v || 'x'";
        };
    return form.formatted(table, id, other, text(random), longText(random));
  }

  private static String text(Random random) {
    String[] texts = {"NULL", "''", "'a'", "E'\\\\N'", "E'tab\\tline\\n'", "'ünï'"};
    return texts[random.nextInt(texts.length)];
  }

  private static String longText(Random random) {
    return random.nextBoolean()
        ? "NULL"
        : String.format(Locale.ROOT, "repeat('%d', 3000)", random.nextInt(10));
  }
}
