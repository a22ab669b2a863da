package dev.pgportage.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Park;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogDiff.Depth;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.state.ResourceLedger;
import dev.pgportage.testing.TestDatabase;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SchemaPlanIT {
  private static final String SUPERUSERS_THINGS =
      """
      CREATE EXTENSION dblink;
      CREATE VIEW public.far AS SELECT * FROM dblink('x', 'SELECT 1') AS t (a int);
      CREATE EXTENSION postgres_fdw;
      CREATE SERVER elsewhere FOREIGN DATA WRAPPER postgres_fdw;
      CREATE USER MAPPING FOR app SERVER elsewhere OPTIONS (password 'geheim');
      CREATE FOREIGN TABLE public.foreign_rows (a int) SERVER elsewhere;
      CREATE FUNCTION public.on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
      CREATE EVENT TRIGGER on_ddl ON ddl_command_end EXECUTE FUNCTION public.on_ddl();
      CREATE SCHEMA aws_commons; CREATE TABLE aws_commons.config (a int);
      CREATE TABLE public.hidden (a int); CREATE VIEW public.on_hidden AS TABLE public.hidden;
      CREATE OPERATOR CLASS public.int_ops FOR TYPE int USING hash AS OPERATOR 1 =;
      CREATE FUNCTION public.leaky(int) RETURNS bool LANGUAGE sql LEAKPROOF AS 'SELECT $1 > 0';
      CREATE FUNCTION public.c_like(int, int) RETURNS int LANGUAGE internal AS 'int4pl';
      CREATE CAST (text AS xid) WITH INOUT;
      CREATE TYPE public.shell;
      CREATE AGGREGATE public.disc (float8 ORDER BY anyelement) (
        SFUNC = ordered_set_transition, STYPE = internal, FINALFUNC = percentile_disc_final,
        FINALFUNC_EXTRA, FINALFUNC_MODIFY = READ_WRITE);
      CREATE TRANSFORM FOR int LANGUAGE sql (TO SQL WITH FUNCTION int4recv(internal));
      CREATE FUNCTION public.no_transform(int) RETURNS int LANGUAGE sql AS 'SELECT $1';
      CREATE ACCESS METHOD other_heap TYPE TABLE HANDLER heap_tableam_handler;
      CREATE TABLE public.elsewhere (a int) USING other_heap;
      CREATE MATERIALIZED VIEW public.elsewhere_too USING other_heap AS TABLE public.elsewhere;
      SELECT lo_create(0);
      """;

  @Test
  void leavesOutWithReasonWhatTheTargetCannotHold() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.execute(
          """
          CREATE TABLE kept (id int PRIMARY KEY);
          CREATE TABLE dropped (id int PRIMARY KEY, kept int REFERENCES kept);
          ALTER TABLE kept ADD dropped int REFERENCES dropped;
          CREATE VIEW on_dropped AS TABLE dropped; CREATE VIEW on_that AS TABLE on_dropped;
          CREATE PUBLICATION p FOR TABLE kept;
          GRANT SELECT ON kept TO PUBLIC;
          """);
      source.executeAsSuperuser(SUPERUSERS_THINGS);
      var filters = new Filters(List.of(), List.of("public.dropped", "public.hidden"));
      source.executeAsSuperuser("GRANT SELECT ON public.elsewhere TO migrator");
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(filters);
        SchemaPlan plan = migration.planner(Mode.MANAGED).resume(migration.run(), set);
        assertLeftOut(plan, "EXTENSION", "dblink", "only a superuser");
        assertLeftOut(plan, "VIEW", "public.far", "needs EXTENSION dblink");
        assertLeftOut(plan, "SERVER", "elsewhere", "credentials");
        assertLeftOut(plan, "USER MAPPING", "USER MAPPING app SERVER elsewhere", "credentials");
        assertLeftOut(plan, "FOREIGN TABLE", "public.foreign_rows", "another server");
        assertLeftOut(plan, "EVENT TRIGGER", "on_ddl", "superuser");
        assertLeftOut(plan, "SCHEMA", "aws_commons", "Aurora");
        assertLeftOut(plan, "TABLE", "public.hidden", "filters");
        assertLeftOut(plan, "VIEW", "public.on_hidden", "filters");
        assertLeftOut(plan, "OPERATOR FAMILY", "public.int_ops", "superuser");
        assertLeftOut(plan, "OPERATOR CLASS", "public.int_ops", "needs OPERATOR FAMILY");
        assertLeftOut(plan, "CAST", "CAST (\"text\" AS \"xid\")", "superuser");
        assertLeftOut(plan, "TYPE", "public.shell", "superuser");
        assertLeftOut(plan, "ACCESS METHOD", "other_heap", "superuser");
        assertThat(item(plan, "FUNCTION", "public.leaky(integer)").decision())
            .isEqualTo(Decision.REWRITE);
        assertThat(item(plan, "FUNCTION", "public.no_transform(integer)").decision())
            .isEqualTo(Decision.APPLY);
        assertThat(item(plan, "TABLE", "public.elsewhere").reason()).contains("made with heap");
        assertThat(item(plan, "MATERIALIZED VIEW", "public.elsewhere_too").reason())
            .contains("made with heap");
        assertLeftOut(plan, "TABLE", "public.dropped", "filters");
        assertLeftOut(plan, "VIEW", "public.on_that", "needs VIEW public.on_dropped");
        assertLeftOut(plan, "FK CONSTRAINT", "public.kept kept_dropped_fkey", "public.dropped");
        assertLeftOut(plan, "PUBLICATION", "p", "publisher");
        assertLeftOut(plan, "ACL", "public.TABLE \"kept\"", "privileges");
        assertThat(item(plan, "LARGE OBJECTS", "1 objects").decision()).isEqualTo(Decision.DEFER);
        assertThat(plan.toString()).doesNotContain("geheim");
        try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 1)) {
          applier.applyPreData();
          applier.finishIndexes();
          applier.addForeignKeys();
        }
        try (var here = migration.source.open("diff");
            var there = migration.target.open("diff")) {
          assertThat(CatalogDiff.between(here, there, set, plan, Depth.OPENED)).isEmpty();
        }
      }
    }
  }

  @Test
  void leavesOutExtensionsAndKinds() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.plainTarget(15)) {
      source.execute(
          """
          CREATE EXTENSION citext;
          CREATE TABLE "kind:x" (id int PRIMARY KEY);
          CREATE TABLE other (id int PRIMARY KEY REFERENCES "kind:x");
          CREATE VIEW v AS TABLE other;
          CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
          CREATE TRIGGER t BEFORE INSERT ON other FOR EACH ROW EXECUTE FUNCTION f();
          CREATE TABLE parts (id int NOT NULL, n int) PARTITION BY RANGE (id);
          CREATE TABLE part PARTITION OF parts FOR VALUES FROM (0) TO (9);
          CREATE INDEX i ON parts (n); CREATE UNIQUE INDEX u ON parts (id);
          COMMENT ON TABLE parts IS 'x'; COMMENT ON INDEX i IS 'y'; COMMENT ON INDEX u IS 'z';
          ALTER TABLE other ENABLE ROW LEVEL SECURITY;
          CREATE POLICY p ON other USING (true); COMMENT ON POLICY p ON other IS 'p';
          """);
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set =
            migration.set(
                new Filters(
                    List.of("public.*"),
                    List.of(
                        "extension:cit*",
                        "kind:trigger",
                        "kind:fk-*",
                        "kind:view",
                        "kind:index",
                        "kind:policy",
                        "kind:comment")));
        assertThat(set.tables()).hasSize(4);
        SchemaPlan plan = migration.carry(set);
        assertLeftOut(plan, "EXTENSION", "citext", "filters");
        assertLeftOut(plan, "TRIGGER", "public.other t", "filters");
        assertLeftOut(plan, "VIEW", "public.v", "filters");
        assertLeftOut(plan, "FK CONSTRAINT", "public.other other_id_fkey", "filters");
        assertLeftOut(plan, "INDEX", "public.i", "filters");
        assertLeftOut(plan, "INDEX", "public.part_n_idx", "filters");
        assertLeftOut(plan, "POLICY", "public.other p", "filters");
        assertThat(item(plan, "INDEX", "public.u").decision()).isEqualTo(Decision.APPLY);
        assertThat(plan.blocked()).isEmpty();
        assertThat(target.number("SELECT count(*) FROM pg_index WHERE NOT indisvalid")).isZero();
        assertThat(item(plan, "FUNCTION", "public.f()").decision()).isEqualTo(Decision.APPLY);
        assertThat(migration.differences(set, plan, Depth.OPENED)).isEmpty();
        assertThatThrownBy(
                () ->
                    migration.set(
                        new Filters(
                            List.of("public.other", "extension:nothing"),
                            List.of("public.o*", "kind:table", "kind:type", "kind:constraint"))))
            .hasMessageContaining("'public.other' is included, and excluded altogether")
            .hasMessageContaining("'extension:nothing' matches none of: citext, plpgsql")
            .hasMessageContaining(
                "'kind:table' is none that filters know: tables and sequences are")
            .hasMessageContaining(
                "'kind:constraint' is none that filters know: it goes with its table")
            .hasMessageContaining("'kind:type' matches none of: aggregate, cast,")
            .hasMessageContaining("; rows may need what it names");
      }
    }
  }

  @Test
  void blocksWhenATableCannotBeMade() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.executeAsSuperuser(
          """
          CREATE EXTENSION dblink;
          CREATE TABLE asks (id int PRIMARY KEY, q text DEFAULT dblink_current_query());
          ALTER TABLE asks OWNER TO app_owner;
          """);
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        assertThatThrownBy(() -> migration.planner(Mode.MANAGED).resume(migration.run(), set))
            .isInstanceOfSatisfying(
                MigrationException.class,
                e -> assertThat(e.code()).isEqualTo(ErrorCode.SCHEMA_OBJECT_BLOCKED))
            .hasMessageContaining("TABLE public.asks needs EXTENSION dblink");
      }
    }
  }

  @Test
  void restsWhatIsOnAnExistingSchemaAndBringsItBack() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.plainTarget(15)) {
      SchemaFixture.RICH.load(source);
      SchemaFixture.RICH.load(target);
      source.execute("CREATE INDEX parked ON shop.orders (total DESC)");
      target.execute("CREATE INDEX parked ON shop.orders (total DESC)");
      String before = SchemaMigration.schemaOf(target);
      target.execute("INSERT INTO shop.inh_p VALUES (1)");
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        SchemaPlan plan = migration.planner(Mode.TRUNCATE, Park.ALL).resume(migration.run(), set);
        try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 2)) {
          applier.applyPreData();
          assertThat(plan.items()).extracting(SchemaItem::kind).contains("PARKED INDEX");
          assertThat(target.number("SELECT count(*) FROM shop.inh_p")).isZero();
          target.execute(
              "INSERT INTO shop.orders (customer, total) VALUES (5, 1); TRUNCATE shop.orders");
          assertThat(target.number(FOREIGN_KEYS)).isZero();
          assertThat(openParked(migration)).isNotEmpty();
          applier.finishIndexes();
          applier.applyDependents();
          applier.createTriggers();
          applier.addForeignKeys();
          applier.validateForeignKeys();
          applier.open(_ -> {});
        }
        assertThat(openParked(migration)).isEmpty();
        assertThat(migration.differences(plan, Depth.ROWS)).isEmpty();
      }
      assertThat(SchemaMigration.schemaOf(target)).isEqualTo(before);
    }
  }

  @Test
  void blocksWhenAPolicyNamesARoleTheTargetLacks() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(16)) {
      source.executeAsSuperuser("CREATE ROLE \"only here\"");
      try (var migration = new SchemaMigration(source, target)) {
        source.execute(
            "CREATE TABLE t (id int PRIMARY KEY); CREATE POLICY p ON t TO \"only here\" USING (true)");
        assertThat(migration.planner(Mode.MANAGED).draft(migration.set(Filters.none())).blocked())
            .extracting(SchemaItem::reason)
            .containsExactly("names roles the target does not have: CREATE ROLE \"only here\"");
      } finally {
        source.executeAsSuperuser("DROP TABLE t; DROP ROLE \"only here\"");
      }
    }
  }

  private static List<ResourceLedger.Resource> openParked(SchemaMigration migration)
      throws Exception {
    try (var connection = migration.target.open("ledger")) {
      return new ResourceLedger("test").open(connection, "parked");
    }
  }

  @Test
  void namesTheConstraintThatRowsViolate() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.target(15)) {
      source.execute(
          "CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY, a int,"
              + " CONSTRAINT b_to_a FOREIGN KEY (a) REFERENCES a)");
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        SchemaPlan plan = migration.planner(Mode.MANAGED).resume(migration.run(), set);
        try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 2)) {
          applier.applyPreData();
          target.execute("INSERT INTO b VALUES (1, 4711); INSERT INTO a VALUES (1), (1)");
          applier.applyKeysAndIndexes(set.table(new QualifiedName("public", "a")).orElseThrow());
          assertThatThrownBy(applier::finishIndexes)
              .isInstanceOfSatisfying(
                  MigrationException.class,
                  e -> assertThat(e.code()).isEqualTo(ErrorCode.CONSTRAINT_VIOLATED))
              .hasMessageContaining("CONSTRAINT public.a a_pkey of public.a");
        }
        target.execute("TRUNCATE a");
        try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 2)) {
          applier.applyPreData();
          applier.finishIndexes();
          applier.addForeignKeys();
          assertThatThrownBy(applier::validateForeignKeys)
              .hasMessageContaining("FK VALIDATION public.b b_to_a")
              .hasMessageNotContaining("4711");
        }
      }
    }
  }

  @Test
  void doesEachStageOnceHoweverOftenItIsCalled() throws Exception {
    try (var source = TestDatabase.source(15);
        var target = TestDatabase.plainTarget(15)) {
      SchemaFixture.RICH.load(source);
      try (var migration = new SchemaMigration(source, target)) {
        ObjectSet set = migration.set(Filters.none());
        SchemaPlan plan = migration.planner(Mode.MANAGED).resume(migration.run(), set);
        for (int i = 0; i < 2; i++) {
          try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 2)) {
            for (int j = 0; j < 2; j++) {
              applier.applyPreData();
              set.rowHolders().forEach(m -> applier.applyKeysAndIndexes(m.table()));
              applier.finishIndexes();
              applier.applyDependents();
              applier.createTriggers();
              assertThat(target.number(FIRING)).isZero();
              applier.addForeignKeys();
              applier.validateForeignKeys();
            }
          }
        }
        try (var applier = new SchemaApplier(migration.target, migration.run(), plan, 2)) {
          assertThatThrownBy(() -> applier.open(last -> Sql.execute(last, "no such statement")))
              .isInstanceOf(MigrationException.class);
          assertThat(target.number(FIRING)).isZero();
          applier.open(_ -> {});
          applier.open(_ -> {});
        }
        assertThat(migration.differences(plan, Depth.OPENED)).isEmpty();
      }
    }
  }

  private static final String FOREIGN_KEYS =
      """
      SELECT count(*) FROM pg_constraint
      WHERE contype = 'f' AND connamespace <> 'pgportage'::regnamespace
      """;

  private static final String FIRING =
      """
      SELECT count(*) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
      WHERE NOT t.tgisinternal AND t.tgenabled <> 'D' AND c.relkind IN ('r', 'p')
      """;

  @Test
  void saysWhichPgDumpIsMissingOrTooOld(@TempDir Path empty) throws Exception {
    var newer = new ServerVersion(990001);
    assertThatThrownBy(() -> PgDump.find(System.getenv(), newer))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PG_DUMP_TOO_OLD))
        .hasMessageContaining("the source runs 99.1");
    Map<String, String> nothing = Map.of("PGPORTAGE_PG_BIN", empty.toString());
    assertThatThrownBy(() -> PgDump.find(nothing, newer))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PG_DUMP_MISSING))
        .hasMessageContaining(empty.toString());
    Files.writeString(empty.resolve("pg_dump"), "#!/bin/sh\necho 'pg_dump (PostgreSQL) 99.1'\n");
    assertThat(empty.resolve("pg_dump").toFile().setExecutable(true)).isTrue();
    assertThat(PgDump.find(nothing, newer).major()).isEqualTo(99);
  }

  private static void assertLeftOut(SchemaPlan plan, String kind, String name, String reason) {
    SchemaItem item = item(plan, kind, name);
    assertThat(item.decision()).as(item.toString()).isEqualTo(Decision.SKIP);
    assertThat(item.reason()).contains(reason);
    assertThat(plan.of(Stage.PRE_DATA)).doesNotContain(item);
  }

  private static SchemaItem item(SchemaPlan plan, String kind, String name) {
    return plan.items().stream()
        .filter(item -> item.kind().equals(kind) && item.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + kind + " " + name + " in " + plan.items()));
  }
}
