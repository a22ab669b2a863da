package dev.pgportage.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShopWriterIT {
  @ParameterizedTest
  @MethodSource("dev.pgportage.testing.Servers#versions")
  void leavesTheRowOfEveryTransactionItWasToldOf(int major) throws Exception {
    try (var shop = TestDatabase.source(major)) {
      createShop(shop);
      var kinds = EnumSet.noneOf(ShopTransactions.Kind.class);
      try (var writer = ShopWriter.start(shop::writer, 3, Duration.ZERO)) {
        while (kinds.size() < ShopTransactions.Kind.values().length
            && writer.failures().isEmpty()) {
          Thread.onSpinWait();
          kinds.addAll(kindsIn(shop));
        }
        writer.close();
        assertThat(writer.failures()).isEmpty();
        assertThat(committedIn(shop)).containsAll(writer.acknowledged());
      }
    }
  }

  @Test
  void goesOnWhenTheDatabaseServesAgain() throws Exception {
    try (var first = TestDatabase.source(15);
        var second = TestDatabase.source(16)) {
      createShop(first);
      createShop(second);
      try (var writer = ShopWriter.start(first::writer, 2, Duration.ofMillis(1))) {
        awaitCommits(writer, 50);
        fence(first);
        awaitRefusals(writer, writer.refused() + 5);
        int before = writer.committed();
        writer.switchTo(second::writer);
        awaitCommits(writer, before + 50);
        writer.close();
        assertThat(writer.failures()).isEmpty();
        assertThat(writer.longestPause()).isPositive();
        var everywhere = committedIn(first);
        everywhere.addAll(committedIn(second));
        assertThat(everywhere).containsAll(writer.acknowledged());
      }
    }
  }

  private static void createShop(TestDatabase database) throws SQLException {
    try (Connection owner = database.writer()) {
      Shop.create(owner, 0.02);
    }
  }

  private static void fence(TestDatabase database) throws SQLException {
    database.executeAsSuperuser(
        """
        ALTER DATABASE %s SET default_transaction_read_only = on;
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid()
        """
            .formatted(database.name()));
  }

  private static Set<ShopTransactions.Kind> kindsIn(TestDatabase database) throws SQLException {
    try (Connection connection = database.superuser()) {
      return Sql.query(
              connection,
              "SELECT DISTINCT kind FROM shop.committed",
              row -> ShopTransactions.Kind.valueOf(row.getString(1)))
          .stream()
          .collect(Collectors.toSet());
    }
  }

  private static Set<UUID> committedIn(TestDatabase database) throws SQLException {
    try (Connection connection = database.superuser()) {
      return Sql.query(
              connection, "SELECT tx FROM shop.committed", row -> row.getObject(1, UUID.class))
          .stream()
          .collect(Collectors.toSet());
    }
  }

  private static void awaitCommits(ShopWriter writer, int wanted) {
    while (writer.committed() < wanted && writer.failures().isEmpty()) {
      Thread.onSpinWait();
    }
  }

  private static void awaitRefusals(ShopWriter writer, int wanted) {
    while (writer.refused() < wanted && writer.failures().isEmpty()) {
      Thread.onSpinWait();
    }
  }
}
