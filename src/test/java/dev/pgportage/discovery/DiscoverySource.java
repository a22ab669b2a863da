package dev.pgportage.discovery;

import dev.pgportage.testing.TestDatabase;
import java.sql.SQLException;

/** A source that uses much of what there is, under names that are hard to print. */
public final class DiscoverySource {
  /** A name that is markup to a careless page; 63 bytes are the most there can be. */
  public static final String ODD = "<script>alert(\"x\")</script> & 'Ünï' {}";

  private DiscoverySource() {}

  /** The source on the shared server of a version, analyzed. */
  public static TestDatabase create(int major) throws SQLException {
    return TestDatabase.source(major)
        .execute(
            """
            CREATE SCHEMA "<b>&amp;";
            CREATE TYPE mood AS ENUM ('<sad>', 'ok');
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);
            CREATE TABLE item (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, feeling mood,
              n positive, doc jsonb, tags text[], twice int GENERATED ALWAYS AS (2) STORED,
              words tsvector);
            ALTER TABLE item SET (autovacuum_enabled = off, toast.autovacuum_enabled = off);
            INSERT INTO item (v, doc) SELECT repeat('v', 200), '{"a": 1}' FROM generate_series(1, 20000);
            CREATE INDEX item_v ON item (v);
            CREATE TABLE "<b>&amp;"."%1$s" (id bigserial PRIMARY KEY, "<i>" text);
            INSERT INTO "<b>&amp;"."%1$s" ("<i>")
              SELECT string_agg(md5((i * 50 + j)::text), '') FROM generate_series(1, 300) i,
                generate_series(1, 200) j GROUP BY i;
            CREATE TABLE "select" (a int, b int, PRIMARY KEY (a, b)) PARTITION BY RANGE (a);
            CREATE TABLE part_1 PARTITION OF "select" FOR VALUES FROM (0) TO (10);
            CREATE TABLE part_2 PARTITION OF "select" FOR VALUES FROM (10) TO (20);
            CREATE TABLE parent (id int);
            CREATE TABLE child () INHERITS (parent);
            CREATE UNLOGGED TABLE fast (id int PRIMARY KEY);
            CREATE TABLE secured (id int PRIMARY KEY, owner text);
            ALTER TABLE secured ENABLE ROW LEVEL SECURITY;
            CREATE POLICY own ON secured USING (owner = current_user);
            CREATE MATERIALIZED VIEW summary AS SELECT count(*) FROM item;
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
            CREATE TRIGGER "on <item>" BEFORE INSERT ON item FOR EACH ROW EXECUTE FUNCTION touch();
            SELECT lo_create(0);
            """
                .formatted(ODD.replace("\"", "\"\"")))
        .execute("ANALYZE");
  }
}
