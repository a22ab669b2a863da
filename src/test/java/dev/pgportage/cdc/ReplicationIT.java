package dev.pgportage.cdc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.QualifiedName;
import java.sql.SQLException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The ordinary course of things, between several versions. */
class ReplicationIT {
  @ParameterizedTest
  @CsvSource({"15, 15", "18, 18", "15, 18", "17, 16"})
  void appliesChangesInTransactions(int sourceVersion, int targetVersion) throws SQLException {
    try (var fixture = ReplicationFixture.between(sourceVersion, targetVersion)) {
      fixture
          .schema(
              """
              CREATE TABLE item (id int PRIMARY KEY, name text, price numeric(10, 2));
              INSERT INTO item SELECT i, 'item ' || i, i * 1.5 FROM generate_series(1, 100) i
              """)
          .start()
          .run(
              "INSERT INTO item VALUES (101, NULL, 1), (102, '', 2), (103, E'a\\tb\\nc\\rd\\\\', 3)")
          .run("UPDATE item SET price = price + 1 WHERE id < 50", "DELETE FROM item WHERE id = 7")
          .run("UPDATE item SET id = id + 1000 WHERE id > 90")
          .transaction("INSERT INTO item VALUES (500, 'x', 1)", "DELETE FROM item WHERE id = 500")
          .syncAndCompare();
      var counters = fixture.replication().counters();
      assertThat(counters.transactions()).isEqualTo(5);
      assertThat(counters.inserts()).isEqualTo(4);
      assertThat(counters.deletes()).isEqualTo(2);
      assertThat(fixture.replication().changedSince(fixture.consistentPoint()))
          .containsExactly(new QualifiedName("public", "item"));
      assertThat(fixture.replication().lag().time()).isLessThan(Duration.ofSeconds(20));
    }
  }
}
