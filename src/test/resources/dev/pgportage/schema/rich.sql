CREATE EXTENSION citext; CREATE EXTENSION hstore; CREATE EXTENSION pg_trgm;
CREATE SCHEMA "Odd Schema"; CREATE SCHEMA shop;
COMMENT ON SCHEMA shop IS 'the shop';
CREATE TYPE shop.mood AS ENUM ('sad','ok');
CREATE DOMAIN shop.code AS citext CHECK (VALUE <> '');
CREATE TYPE shop.pair AS (a int, b text);
CREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
-- TOC entry 1 (class 1259 OID 1)
  NEW.at := now(); RETURN NEW; END $$;
CREATE FUNCTION shop.twice(i int) RETURNS int LANGUAGE sql IMMUTABLE BEGIN ATOMIC SELECT i * 2; END;
CREATE TABLE shop.customer (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name citext NOT NULL, tags hstore, m shop.mood DEFAULT 'ok', c shop.code, at timestamptz, twice int GENERATED ALWAYS AS (shop.twice(5)) STORED, CONSTRAINT name_long CHECK (length(name) < 100));
COMMENT ON TABLE shop.customer IS 'who; buys'; COMMENT ON COLUMN shop.customer.name IS 'its name';
CREATE TABLE shop.orders (id serial PRIMARY KEY, customer bigint REFERENCES shop.customer, parent int, total numeric(12,2), at timestamptz, during tstzrange, EXCLUDE USING gist (during WITH &&));
ALTER TABLE shop.orders ADD CONSTRAINT parent_fk FOREIGN KEY (parent) REFERENCES shop.orders NOT VALID;
ALTER TABLE shop.orders ADD CONSTRAINT total_pos CHECK (total > 0) NOT VALID;
ALTER TABLE shop.customer ADD COLUMN last_order int REFERENCES shop.orders DEFERRABLE INITIALLY DEFERRED;
CREATE INDEX name_trgm ON shop.customer USING gin (name gin_trgm_ops);
COMMENT ON INDEX shop.name_trgm IS 'search';
CREATE TRIGGER touch BEFORE INSERT OR UPDATE ON shop.customer FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TRIGGER touch_always BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.orders ENABLE ALWAYS TRIGGER touch_always;
CREATE TRIGGER touch_replica BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.orders ENABLE REPLICA TRIGGER touch_replica;
CREATE TRIGGER touch_off BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.orders DISABLE TRIGGER touch_off;
COMMENT ON TRIGGER touch ON shop.customer IS 'touch it';
CREATE RULE no_del AS ON DELETE TO shop.orders DO INSTEAD NOTHING;
ALTER TABLE shop.orders DISABLE RULE no_del;
CREATE VIEW shop.v1 AS SELECT c.id, c.name, count(*) AS n FROM shop.customer c JOIN shop.orders o ON o.customer = c.id GROUP BY c.id;
CREATE VIEW shop.v2 AS SELECT * FROM shop.v1 WHERE n > 1;
CREATE MATERIALIZED VIEW shop.mv1 AS SELECT * FROM shop.v2;
CREATE MATERIALIZED VIEW shop.mv2 AS SELECT id FROM shop.mv1 WITH NO DATA;
CREATE UNIQUE INDEX mv1_id ON shop.mv1 (id);
CREATE TABLE shop.log (id int NOT NULL, at date NOT NULL, what text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.log_1 PARTITION OF shop.log FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
CREATE TABLE shop.log_d PARTITION OF shop.log DEFAULT;
CREATE INDEX log_what ON shop.log (what);
CREATE TRIGGER log_touch AFTER INSERT ON shop.log FOR EACH ROW EXECUTE FUNCTION shop.touch();
ALTER TABLE shop.log_1 DISABLE TRIGGER log_touch;
ALTER TABLE shop.log ADD COLUMN cust bigint REFERENCES shop.customer;
CREATE TABLE "Odd Schema"."Weird ""Table""" ("Key Col" int PRIMARY KEY, "select" text);
CREATE TABLE "Odd Schema"."new
line" (a int, u int NOT NULL);
CREATE UNIQUE INDEX nl_u ON "Odd Schema"."new
line" (u); ALTER TABLE "Odd Schema"."new
line" REPLICA IDENTITY USING INDEX nl_u; 
CREATE TABLE shop.fulll (a int); ALTER TABLE shop.fulll REPLICA IDENTITY FULL;
CREATE STATISTICS shop.st ON a, u FROM "Odd Schema"."new
line";
ALTER TABLE shop.customer ENABLE ROW LEVEL SECURITY; ALTER TABLE shop.customer FORCE ROW LEVEL SECURITY;
CREATE POLICY p ON shop.customer FOR SELECT TO PUBLIC USING (id > 0);
COMMENT ON POLICY p ON shop.customer IS 'pol';
CREATE PUBLICATION pub FOR TABLE shop.orders;
CREATE FUNCTION shop.ev() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE SEQUENCE shop.alone;
CREATE AGGREGATE shop.mysum(int) (sfunc = int4pl, stype = int);
CREATE TABLE shop.inh_p (a int CHECK (a > 0)); CREATE TABLE shop.inh_c (b int) INHERITS (shop.inh_p);
CREATE VIEW shop.iv AS SELECT a FROM shop.inh_p; 
CREATE FUNCTION shop.ivt() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
CREATE TRIGGER ivt INSTEAD OF INSERT ON shop.iv FOR EACH ROW EXECUTE FUNCTION shop.ivt();

ALTER TABLE shop.customer CLUSTER ON customer_pkey;
CREATE COLLATION shop.de (provider = icu, locale = 'de-DE');
CREATE TEXT SEARCH CONFIGURATION shop.tsc (COPY = english);
CREATE FUNCTION shop.countv() RETURNS bigint LANGUAGE sql BEGIN ATOMIC SELECT count(*) FROM (SELECT c.id, c.name FROM shop.customer c GROUP BY c.id) x; END;
CREATE CONSTRAINT TRIGGER ct AFTER INSERT ON shop.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shop.touch();
CREATE TYPE shop.rng AS RANGE (subtype = float8);
