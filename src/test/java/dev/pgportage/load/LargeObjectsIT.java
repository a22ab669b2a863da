package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LargeObjectsIT {
  private static final String SOME =
      """
      SELECT lo_from_bytea(100000 + g, convert_to('object ' || g, 'UTF8'))
        FROM generate_series(1, 1200) g;
      SELECT lo_from_bytea(200001, '');
      SELECT lo_from_bytea(200002, decode(repeat('00ff10', 3000000), 'hex'));
      SELECT lo_from_bytea(200003, decode(repeat('ab', 4194304), 'hex'));
      SELECT lo_from_bytea(200004, 'x'), lo_put(200004, 10000000, 'y');
      """;

  private static Optional<String> digest(TestDatabase database) throws SQLException {
    return database.text(
        """
        SELECT count(*) || md5(string_agg(oid || md5(lo_get(oid)), ',' ORDER BY oid))
        FROM pg_largeobject_metadata
        """);
  }

  private static LargeObjects objects(LoadFixture fixture) {
    return new LargeObjects(fixture.route, fixture.ledger());
  }

  @Test
  void areEqualUnderTheirOidsAfterTheFirstCopyAndAfterChanges() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.source.execute(SOME);
      assertThat(objects(fixture).copyDifferent()).isEqualTo(1204);
      assertThat(digest(fixture.target)).isEqualTo(digest(fixture.source));
      assertThat(objects(fixture).copyDifferent()).isZero();
      fixture.source.execute(
          """
          SELECT lo_unlink(100007), lo_unlink(200003);
          SELECT lo_put(200002, 8999999, '\\x77'), lo_put(100008, 0, 'O');
          SELECT lo_from_bytea(300000, 'new'), lo_put(200001, 0, 'no longer empty');
          """);
      assertThat(objects(fixture).copyDifferent()).isEqualTo(6);
      assertThat(digest(fixture.target)).isEqualTo(digest(fixture.source));
    }
  }

  @Test
  void areAllUnlinkedWhenTheSourceHasNoneAnyMore() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.source.execute("SELECT lo_from_bytea(100001, 'x')");
      objects(fixture).copyDifferent();
      fixture.source.execute("SELECT lo_unlink(100001)");
      assertThat(objects(fixture).copyDifferent()).isEqualTo(1);
      assertThat(fixture.target.number("SELECT count(*) FROM pg_largeobject_metadata")).isZero();
    }
  }

  @Test
  void areLeftAloneWhenTheTargetHasItsOwn() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.target.execute("SELECT lo_from_bytea(777, 'mine')");
      assertThat(objects(fixture).copyDifferent()).isZero();
      fixture.source.execute("SELECT lo_from_bytea(100001, 'x')");
      FullLoadIT.assertFails(() -> objects(fixture).copyDifferent(), ErrorCode.TARGET_NOT_EMPTY);
      assertThat(fixture.target.text("SELECT convert_from(lo_get(777), 'UTF8')")).hasValue("mine");
    }
  }

  @Test
  void areNamedWhenTheRoleMayNotReadThem() throws Exception {
    try (var fixture = LoadFixture.between(15, 15)) {
      fixture.source.executeAsSuperuser(
          "SELECT lo_from_bytea(100001, 'x'), lo_from_bytea(100002, 'x');"
              + "GRANT SELECT ON LARGE OBJECT 100002 TO migrator");
      assertThatThrownBy(() -> objects(fixture).copyDifferent())
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.PRIVILEGE_MISSING);
                assertThat(e.what()).contains("100001").doesNotContain("100002");
              });
      fixture.source.executeAsSuperuser("GRANT SELECT ON LARGE OBJECT 100001 TO public");
      assertThat(objects(fixture).copyDifferent()).isEqualTo(2);
    }
  }
}
