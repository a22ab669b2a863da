package dev.pgportage.cutover;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Database;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.Sequence;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

class SequencesIT {
  private static final String SEQUENCES =
      """
      CREATE SCHEMA "Odd Schema";
      CREATE SEQUENCE public.up;
      CREATE SEQUENCE public.down INCREMENT -3 MAXVALUE -1 MINVALUE -100000 START -1;
      CREATE SEQUENCE public.fresh START 42;
      CREATE SEQUENCE public.small AS smallint MAXVALUE 100;
      CREATE SEQUENCE public.ring MAXVALUE 10 CYCLE;
      CREATE SEQUENCE public.odd_numbers INCREMENT 2 CACHE 20;
      CREATE SEQUENCE public.huge;
      CREATE SEQUENCE "Odd Schema"."Weird ""Seq"\"";
      CREATE TABLE public.t (id bigint GENERATED ALWAYS AS IDENTITY, s serial);
      """;

  @Test
  void setsEverySequenceAheadInItsOwnDirection() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      carry(source, target, 1000);
      assertThat(next(target, "public.up")).isEqualTo(1006);
      assertThat(next(target, "public.down")).isEqualTo(-1 - 3 - 3 - 3000);
      assertThat(next(target, "public.fresh")).isEqualTo(42);
      assertThat(next(target, "public.small")).isEqualTo(52);
      assertThat(next(target, "public.ring")).isEqualTo(1);
      assertThat(next(target, "public.odd_numbers") % 2).isEqualTo(1);
      assertThat(next(target, "public.huge")).isEqualTo(Long.MAX_VALUE);
      assertThat(next(target, "\"Odd Schema\".\"Weird \"\"Seq\"\"\"")).isEqualTo(1002);
      assertThat(next(target, "public.t_id_seq")).isEqualTo(1003);
    }
  }

  @Test
  void setsExactlyTheSameWithoutHeadroom() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(18)) {
      carry(source, target, 0);
      for (String name : List.of("up", "down", "fresh", "small", "ring", "odd_numbers", "huge")) {
        String state = "SELECT last_value || ' ' || is_called FROM public." + name;
        assertThat(target.text(state)).as(name).isEqualTo(source.text(state));
      }
    }
  }

  @Test
  void leavesTheTargetAloneWhenTheSourceMayNotBeRead() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.executeAsSuperuser("CREATE SEQUENCE public.secret; CREATE SEQUENCE public.a");
      target.execute("CREATE SEQUENCE public.secret; CREATE SEQUENCE public.a");
      List<Sequence> sequences;
      try (Connection reader = source.superuser()) {
        sequences = CatalogReader.read(reader).sequences();
      }
      try (Connection from = new Database(source.endpoint(), "pgportage t").open("x");
          Connection to = new Database(target.endpoint(), "pgportage t").open("x")) {
        assertThatThrownBy(() -> Sequences.carry(from, to, sequences, 5))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING));
      }
      assertThat(next(target, "public.a")).isEqualTo(1);
    }
  }

  private static void carry(TestDatabase source, TestDatabase target, long headroom)
      throws SQLException {
    source.execute(SEQUENCES);
    target.execute(SEQUENCES);
    source.execute(
        """
        SELECT nextval('public.up') FROM generate_series(1, 5);
        SELECT nextval('public.down') FROM generate_series(1, 2);
        SELECT setval('public.small', 51); SELECT setval('public.ring', 10);
        SELECT nextval('public.odd_numbers');
        SELECT setval('public.huge', 9223372036854775806);
        SELECT nextval('"Odd Schema"."Weird ""Seq"\""');
        INSERT INTO public.t DEFAULT VALUES; INSERT INTO public.t DEFAULT VALUES;
        """);
    try (Connection from = new Database(source.endpoint(), "pgportage t").open("x");
        Connection to = new Database(target.endpoint(), "pgportage t").open("x")) {
      List<Sequence> sequences = CatalogReader.read(from).sequences();
      assertThat(Sequences.carry(from, to, sequences, headroom)).isEqualTo(10);
    }
  }

  private static long next(TestDatabase database, String sequence) throws SQLException {
    return database.number("SELECT nextval('" + sequence + "')");
  }
}
