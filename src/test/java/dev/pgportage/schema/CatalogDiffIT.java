package dev.pgportage.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.schema.CatalogDiff.Depth;
import dev.pgportage.schema.CatalogDiff.Difference;
import dev.pgportage.testing.TestDatabase;
import java.util.List;
import org.junit.jupiter.api.Test;

class CatalogDiffIT {
  @Test
  void namesEveryDifference() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      SchemaFixture.RICH.load(source);
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        SchemaPlan plan = migration.carry(set);
        target.execute(
            """
            ALTER TABLE shop.orders ALTER COLUMN total TYPE numeric(13,2);
            ALTER TABLE shop.orders ALTER COLUMN id DROP DEFAULT;
            ALTER TABLE shop.orders ADD COLUMN extra int;
            ALTER TABLE shop.orders DROP CONSTRAINT orders_customer_fkey;
            DROP INDEX shop.name_trgm;
            DROP FUNCTION shop.countv();
            CREATE OR REPLACE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql
              AS 'BEGIN RETURN NULL; END';
            CREATE OR REPLACE VIEW shop.v2 AS SELECT * FROM shop.v1 WHERE n > 2;
            ALTER TABLE shop.orders DISABLE TRIGGER touch_always;
            ALTER TABLE shop.customer NO FORCE ROW LEVEL SECURITY;
            DROP POLICY p ON shop.customer;
            COMMENT ON COLUMN shop.customer.name IS 'another';
            ALTER SEQUENCE shop.alone INCREMENT 2;
            ALTER TYPE shop.mood ADD VALUE 'new';
            DROP STATISTICS shop.st;
            DROP COLLATION shop.de;
            DROP RULE no_del ON shop.orders;
            """);
        assertThat(migration.differences(plan, Depth.OPENED))
            .extracting(Difference::object)
            .containsExactlyInAnyOrder(
                "table column shop.orders.total",
                "table column shop.orders.id",
                "table column shop.orders.extra",
                "table constraint orders_customer_fkey on shop.orders",
                "index shop.name_trgm",
                "comment on index shop.name_trgm",
                "function shop.countv()",
                "function shop.touch()",
                "view shop.v2",
                "mode of trigger touch_always on shop.orders",
                "row security of table shop.customer",
                "policy p on shop.customer",
                "comment on table column shop.customer.name",
                "sequence shop.alone",
                "type shop.mood",
                "statistics object shop.st",
                "collation shop.de",
                "rule no_del on shop.orders",
                "mode of rule no_del on shop.orders");
        List<Difference> forRows = migration.differences(plan, Depth.ROWS);
        assertThat(forRows).hasSize(5);
        assertThatThrownBy(() -> CatalogDiff.require(forRows))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_DIFFERS))
            .hasMessageContaining("shop.orders.total is 'numeric(13,2)' on the target");
      }
    }
  }

  @Test
  void countsEverySchema() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      SchemaFixture.RICH.load(source);
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        migration.carry(set);
        target.execute("DROP INDEX shop.name_trgm; CREATE SEQUENCE shop.unrelated");
        try (var here = migration.source.open("count");
            var there = migration.target.open("count")) {
          assertThat(VerificationCounts.between(here, there, set))
              .containsExactly(
                  new VerificationCounts.Row(
                      "Odd Schema",
                      new VerificationCounts.Counts(2, 0, 2),
                      new VerificationCounts.Counts(2, 0, 2)),
                  new VerificationCounts.Row(
                      "shop",
                      new VerificationCounts.Counts(8, 3, 10),
                      new VerificationCounts.Counts(8, 3, 9)));
        }
      }
    }
  }

  @Test
  void noticesThatTheSourceChanged() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      SchemaFixture.RICH.load(source);
      try (var migration = new SchemaMigration(source, target);
          var connection = migration.source.open("check")) {
        ObjectSet set = migration.set(Filters.none());
        SchemaPlan plan = migration.planner(Mode.MANAGED).resume(migration.run(), set);
        var check = new StructureCheck(plan, Filters.none());
        check.requireUnchanged(connection);
        source.execute(
            """
            ALTER TABLE shop.orders ADD COLUMN extra int;
            ALTER TYPE shop.mood ADD VALUE 'new';
            CREATE TABLE shop.log_2 PARTITION OF shop.log
              FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
            DROP TABLE shop.fulll;
            """);
        assertThat(check.changes(connection))
            .anyMatch(line -> line.startsWith("column \"shop\".\"orders\".extra is new"))
            .anyMatch(line -> line.startsWith("enum shop.mood was"))
            .anyMatch(line -> line.startsWith("table \"shop\".\"log_2\" is new"))
            .anyMatch(line -> line.equals("table \"shop\".\"fulll\" is gone"));
        assertThatThrownBy(() -> check.requireUnchanged(connection))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_CHANGED));
        SchemaPlan resumed = migration.planner(Mode.MANAGED).resume(migration.run(), set);
        assertThat(resumed).isEqualTo(plan);
        assertThat(plan.isPartitioned(new QualifiedName("shop", "log"))).isTrue();
      }
    }
  }
}
