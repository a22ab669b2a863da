package dev.pgportage.assess;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What newer versions refuse. The servers here know no postfix operators: others stand in. */
class UpgradeChecksIT {
  @Test
  void findColumnsThatOnlyAChildComputes() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(16)) {
      source.execute(
          """
          CREATE TABLE stored (id int PRIMARY KEY, "B b" int);
          CREATE TABLE both_compute (id int PRIMARY KEY, b int GENERATED ALWAYS AS (id) STORED);
          CREATE TABLE heir () INHERITS (both_compute)
          """);
      Assessed assessed = Assessed.of(source, target);
      assertThat(assessed.by(UpgradeChecks.GENERATED_CHILDREN)).isEmpty();
      source.execute(
          "CREATE TABLE \"C c\" (\"B b\" int GENERATED ALWAYS AS (id * 2) STORED) INHERITS (stored)");
      Finding finding = assessed.by(UpgradeChecks.GENERATED_CHILDREN).getFirst();
      assertThat(finding.objects()).containsExactly("public.\"C c\".\"B b\"");
      try (var older = TestDatabase.target(15)) {
        assertThat(Assessed.of(source, older).by(UpgradeChecks.GENERATED_CHILDREN)).isEmpty();
      }
      source.execute(
          """
          ALTER TABLE "C c" NO INHERIT stored; ALTER TABLE "C c" ALTER COLUMN "B b" DROP EXPRESSION;
          ALTER TABLE "C c" INHERIT stored
          """);
      assertThat(assessed.by(UpgradeChecks.GENERATED_CHILDREN)).isEmpty();
    }
  }

  @Test
  void findOperatorsOfASortAndWhatUsesThem() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(17)) {
      Assessed assessed = Assessed.of(source, target);
      source.execute(
          """
          CREATE FUNCTION f(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1';
          CREATE OPERATOR !^! (RIGHTARG = int, FUNCTION = f);
          CREATE TABLE t (a int DEFAULT |/ 4::float8, b float8 CHECK (|/ b > 0));
          CREATE INDEX i ON t ((|/ b)); CREATE INDEX j ON t (b) WHERE |/ b > 1;
          CREATE VIEW v AS SELECT |/ b AS root, !^! a AS own FROM t;
          CREATE POLICY p ON t USING (|/ b > 2);
          CREATE TABLE parts (b float8) PARTITION BY RANGE ((|/ b));
          """);
      assertThat(assessed.by(UpgradeChecks.REMOVED_OPERATORS)).isEmpty();
      try (Connection connection = source.superuser()) {
        String removed = UpgradeChecks.operatorsAndUsers(UpgradeChecks.REMOVED);
        assertThat(Sql.query(connection, removed, row -> row.getString(1))).isEmpty();
        String sql = UpgradeChecks.operatorsAndUsers("o.oprname IN ('|/', '!^!')");
        assertThat(Sql.query(connection, sql, row -> row.getString(1)))
            .containsExactlyInAnyOrder(
                "operator !^!(NONE,integer)",
                "default value for column a of table t uses |/(NONE,double precision)",
                "constraint t_b_check on table t uses |/(NONE,double precision)",
                "index i uses |/(NONE,double precision)",
                "index j uses |/(NONE,double precision)",
                "table parts uses |/(NONE,double precision)",
                "policy p on table t uses |/(NONE,double precision)",
                "rule _RETURN on view v uses |/(NONE,double precision)",
                "rule _RETURN on view v uses !^!(NONE,integer)");
      }
    }
  }

  @Test
  void findCallersOfArrayFunctions() throws SQLException {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(17)) {
      source.execute(
          """
          CREATE TABLE t (id int PRIMARY KEY);
          CREATE AGGREGATE gather(anycompatible)
            (SFUNC = array_append, STYPE = anycompatiblearray, INITCOND = '{}');
          CREATE AGGREGATE harmless(int) (SFUNC = int4pl, STYPE = int);
          CREATE OPERATOR +! (LEFTARG = anycompatiblearray, RIGHTARG = anycompatiblearray,
                              FUNCTION = array_cat)
          """);
      assertThat(Assessed.of(source, target).by(UpgradeChecks.ARRAY_FUNCTIONS)).isEmpty();
      assertThat(callers(source, "'anyarray', 'anyelement'")).isEmpty();
      assertThat(callers(source, "'anycompatiblearray'"))
          .containsExactly(
              "aggregate gather(anycompatible)",
              "operator +!(anycompatiblearray,anycompatiblearray)");
    }
  }

  @Test
  void lookOnlyWhereTheVersionLiesBetween() {
    ServerVersion old = new ServerVersion(130_022);
    ServerVersion middle = new ServerVersion(140_000);
    ServerVersion young = new ServerVersion(180_001);
    assertThat(UpgradeChecks.crosses(old, middle, 14)).isTrue();
    assertThat(UpgradeChecks.crosses(old, young, 14)).isTrue();
    assertThat(UpgradeChecks.crosses(old, old, 14)).isFalse();
    assertThat(UpgradeChecks.crosses(middle, young, 14)).isFalse();
  }

  private static List<String> callers(TestDatabase database, String types) throws SQLException {
    try (Connection connection = database.superuser()) {
      return Sql.query(connection, UpgradeChecks.callers(types), row -> row.getString(1));
    }
  }
}
