package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.ErrorCode;
import dev.pgportage.schema.Table;
import dev.pgportage.state.TableState;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

class RecopyIT {
  private static long recopy(LoadFixture fixture, String name) throws SQLException {
    Table table = fixture.objects().table(FullLoadIT.name(name)).orElseThrow();
    return new Recopy(fixture.route, fixture.ledger()).copy(table);
  }

  @Test
  void replacesAllRowsOfATableThatWasLoadedInChunks() throws Exception {
    try (var fixture = LoadFixture.between(15, 15).schema("CREATE TABLE t (a int, b text)")) {
      fixture.source.execute("INSERT INTO t SELECT g, 'x' FROM generate_series(1, 3000) g");
      fixture.run(LoadFixture.TINY_CHUNKS);
      fixture.source.execute("DELETE FROM t WHERE a % 2 = 0; UPDATE t SET b = 'y' WHERE a < 10");
      assertThat(recopy(fixture, "t")).isEqualTo(1500);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
      assertThat(fixture.chunks("t")).isEqualTo(1);
      assertThat(fixture.state("t")).isInstanceOf(TableState.Copied.class);
    }
  }

  @Test
  void replacesRowsThatForeignKeysPointAt() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.schema(
          """
          CREATE UNLOGGED TABLE a (id int PRIMARY KEY);
          CREATE UNLOGGED TABLE b (id int REFERENCES a);
          """);
      fixture.source.execute("INSERT INTO a VALUES (1), (2); INSERT INTO b VALUES (1)");
      fixture.run(LoadFixture.TINY_CHUNKS);
      fixture.source.execute("DELETE FROM a WHERE id = 2");
      assertThat(recopy(fixture, "a")).isEqualTo(1);
      assertThat(fixture.digests(fixture.target)).isEqualTo(fixture.digests(fixture.source));
    }
  }

  @Test
  void keepsTheFormerRowsWhenItFails() throws Exception {
    try (var fixture = LoadFixture.between(15, 15).schema("CREATE TABLE t (a int)")) {
      fixture.source.execute("INSERT INTO t VALUES (1), (2)");
      fixture.run(LoadFixture.TINY_CHUNKS);
      fixture.source.execute("INSERT INTO t VALUES (-1)");
      fixture.target.execute("ALTER TABLE t ADD CHECK (a > 0)");
      FullLoadIT.assertFails(() -> recopy(fixture, "t"), ErrorCode.LOAD_FAILED);
      assertThat(fixture.target.number("SELECT count(*) FROM t")).isEqualTo(2);
      assertThat(fixture.chunks("t")).isEqualTo(1);
    }
  }
}
