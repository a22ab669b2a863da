package dev.pgportage.journey;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;

/** Owners, privileges and roles, carried when they are wanted. */
class AccessIT {
  private static final String ROLES =
      """
      CREATE ROLE "Owner's" NOLOGIN; CREATE ROLE "reader ""r\""" LOGIN PASSWORD 'secret' CREATEDB;
      CREATE ROLE team; GRANT team TO "reader ""r\""";
      GRANT "Owner's" TO migrator, app_owner;
      """;

  private static final String DROP_ROLES =
      """
      BEGIN READ WRITE;
      DROP ROLE IF EXISTS "Owner's"; DROP ROLE IF EXISTS "reader ""r\"""; DROP ROLE IF EXISTS team;
      COMMIT;
      """;

  private static final String TABLES =
      """
      CREATE SCHEMA "Own schema" AUTHORIZATION "Owner's";
      CREATE TABLE "Own schema"."T t" (id serial PRIMARY KEY, v text, parent int);
      CREATE TABLE "Own schema".parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
      CREATE TABLE "Own schema".low PARTITION OF "Own schema".parts FOR VALUES FROM (0) TO (9);
      CREATE VIEW "Own schema".seen AS SELECT id FROM "Own schema"."T t";
      CREATE FUNCTION "Own schema".f(a int, "B b" text) RETURNS int SECURITY DEFINER
        LANGUAGE sql AS 'SELECT 1';
      CREATE TYPE "Own schema".mood AS ENUM ('x');
      ALTER TABLE "Own schema"."T t" OWNER TO "Owner's";
      ALTER TABLE "Own schema".parts OWNER TO "Owner's";
      ALTER TABLE "Own schema".low OWNER TO "Owner's";
      ALTER VIEW "Own schema".seen OWNER TO "Owner's";
      ALTER FUNCTION "Own schema".f OWNER TO "Owner's";
      ALTER TYPE "Own schema".mood OWNER TO "Owner's";
      GRANT USAGE ON SCHEMA "Own schema" TO team;
      GRANT SELECT, UPDATE (v) ON "Own schema"."T t" TO team;
      GRANT SELECT ON "Own schema".parts TO "reader ""r\""" WITH GRANT OPTION;
      REVOKE EXECUTE ON FUNCTION "Own schema".f FROM PUBLIC;
      GRANT EXECUTE ON FUNCTION "Own schema".f TO team;
      REVOKE UPDATE ON "Own schema".low FROM "Owner's";
      ALTER DEFAULT PRIVILEGES FOR ROLE "Owner's" IN SCHEMA "Own schema"
        GRANT SELECT ON TABLES TO team;
      INSERT INTO "Own schema"."T t" (v) VALUES ('x');
      INSERT INTO "Own schema".parts VALUES (1);
      """;

  private static final String ACCESS =
      """
      SELECT string_agg(line, E'\\n' ORDER BY line COLLATE "C") FROM (
        SELECT concat_ws(' ', relname, relowner::regrole, relacl) FROM pg_class
        WHERE relnamespace = '"Own schema"'::regnamespace AND relkind IN ('r', 'p', 'v', 'S')
        UNION ALL
        SELECT concat_ws(' ', attname, attacl) FROM pg_attribute
        WHERE attrelid = '"Own schema"."T t"'::regclass AND attacl IS NOT NULL
        UNION ALL
        SELECT concat_ws(' ', proname, proowner::regrole, proacl) FROM pg_proc
        WHERE pronamespace = '"Own schema"'::regnamespace
        UNION ALL
        SELECT concat_ws(' ', typname, typowner::regrole) FROM pg_type
        WHERE typnamespace = '"Own schema"'::regnamespace AND typtype = 'e'
        UNION ALL
        SELECT concat_ws(' ', nspname, nspowner::regrole, nspacl) FROM pg_namespace
        WHERE nspname = 'Own schema'
        UNION ALL
        SELECT concat_ws(' ', defaclrole::regrole, defaclacl) FROM pg_default_acl
      ) AS lines (line)
      """;

  @Test
  void carriesOwnersAndPrivilegesToRolesThatAreThere() throws Exception {
    try (var journey = Journey.between(15, 15)) {
      journey.source().executeAsSuperuser(ROLES + "GRANT \"Owner's\" TO target_migrator");
      try {
        carry(journey);
        assertThat(journey.target().text(ACCESS)).isEqualTo(journey.source().text(ACCESS));
      } finally {
        dropOwned(journey.target());
        dropOwned(journey.source());
        journey.source().executeAsSuperuser(DROP_ROLES);
      }
    }
  }

  @Test
  void makesTheRolesThatAreMissing() throws Exception {
    try (var journey = Journey.between(15, 17)) {
      journey.source().executeAsSuperuser(ROLES);
      journey.target().executeAsSuperuser("ALTER ROLE target_migrator CREATEROLE");
      try {
        var refused =
            journey
                .set("schema.owners", "keep")
                .set("schema.privileges", "keep")
                .program("assess")
                .run();
        assertThat(refused.status()).as("before there is anything").isEqualTo(2);
        journey.set("schema.roles", "carry");
        carry(journey);
        assertThat(journey.target().text(ACCESS).orElseThrow().replace("m/", "/"))
            .isEqualTo(journey.source().text(ACCESS).orElseThrow());
        assertThat(
                journey
                    .target()
                    .text(
                        """
                        SELECT concat_ws(' ', rolcanlogin, rolcreatedb, rolpassword IS NULL,
                          pg_has_role(oid, 'team', 'USAGE'))
                        FROM pg_authid WHERE rolname = 'reader "r"'
                        """))
            .contains("t f t t");
      } finally {
        dropOwned(journey.target());
        journey.target().executeAsSuperuser(DROP_ROLES);
        journey.target().executeAsSuperuser("ALTER ROLE target_migrator NOCREATEROLE");
        dropOwned(journey.source());
        journey.source().executeAsSuperuser(DROP_ROLES);
      }
    }
  }

  private static void carry(Journey journey) throws Exception {
    journey
        .source()
        .executeAsSuperuser(
            "GRANT CREATE ON DATABASE %s TO app_owner".formatted(journey.source().name()));
    journey.source().execute(TABLES);
    journey.set("schema.owners", "keep").set("schema.privileges", "keep").toReady();
    journey.source().execute("INSERT INTO \"Own schema\".\"T t\" (v) VALUES ('later')");
    journey.cutOver();
    journey.assertSameRows();
    var diff = journey.program("schema diff").run();
    assertThat(diff.status()).as(diff.output()).isZero();
    journey.cleanUp();
  }

  private static void dropOwned(TestDatabase database) throws SQLException {
    database.executeAsSuperuser(
        """
        BEGIN READ WRITE;
        DROP SCHEMA IF EXISTS "Own schema" CASCADE;
        DO $$
        DECLARE owner text;
        BEGIN
          FOR owner IN SELECT rolname FROM pg_roles
            WHERE rolname IN ('Owner''s', 'team', 'reader "r"') LOOP
            EXECUTE format('DROP OWNED BY %I', owner);
          END LOOP;
        END $$;
        COMMIT
        """);
  }
}
