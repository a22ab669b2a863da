-- Every kind of change that ever broke a replication. Run once with psql, as the application,
-- while changes are replicated.

SET client_min_messages = warning;
SELECT set_config('torture.big', coalesce(current_setting('torture.big', true), '1000000'), false);

-- Values of every type: in a new row, over NULL, to NULL, under a new key

CREATE TEMP TABLE copied AS SELECT * FROM torture.types;
UPDATE copied SET id = id + 100;
INSERT INTO torture.types SELECT * FROM copied;
UPDATE torture.types SET id = id + 1000 WHERE id = 2;
DELETE FROM torture.types WHERE id = 1002;
UPDATE torture.types SET c_text = NULL, c_bytea = '', c_varchar = '', c_numeric = 'NaN',
  c_outer = row(7, row('é', 0), '{}', 'sad'), c_mood = '{x}' WHERE id = 3;
UPDATE torture.types t SET
  (c_xml, c_json, c_point, c_tsvector, c_interval, c_date, c_aclitem, c_regclass, c_tid)
  = (SELECT c_xml, c_json, c_point, c_tsvector, c_interval, c_date, c_aclitem, c_regclass, c_tid
     FROM torture.types WHERE id = 1) WHERE id = 4;
CREATE TEMP TABLE copied_arrays AS SELECT * FROM torture.type_arrays;
UPDATE copied_arrays SET id = id + 100;
INSERT INTO torture.type_arrays SELECT * FROM copied_arrays;
DELETE FROM torture.type_arrays WHERE id = 2;
UPDATE torture.type_arrays SET a_text = '{NULL,"","NULL","\\","{}"}', a_bool = NULL WHERE id = 3;

-- Large values: unchanged while others change, changed, moved to another key, new

UPDATE torture.large SET small = small + 1;
UPDATE torture.large SET id = id + 100 WHERE id IN (1, 5);
UPDATE torture.large SET body = body || 'more' WHERE id = 2;
BEGIN;
UPDATE torture.large SET small = 0 WHERE id = 3;
UPDATE torture.large SET id = 303 WHERE id = 3;
UPDATE torture.large SET doc = NULL WHERE id = 303;
UPDATE torture.large SET id = 3 WHERE id = 303;
COMMIT;
BEGIN;
INSERT INTO torture.large (id, small, body) VALUES (7, 7, repeat('seven ', 200000));
UPDATE torture.large SET small = 77 WHERE id = 7;
COMMIT;
INSERT INTO torture.large (id, small, raw)
VALUES (8, 8, decode(repeat('5c00', current_setting('torture.big')::int / 2), 'hex'));
DELETE FROM torture.large WHERE id = 4;

-- Names

UPDATE "Odd ""Schema"""."Weird ""Table"" ; --" SET "ÜñíÇøde ☃" = E'\\"''☃', "a.b" = NULL
WHERE "primary" % 2 = 0;
UPDATE "Odd ""Schema"""."Weird ""Table"" ; --" SET "select" = 'moved' WHERE "primary" = 7;
DELETE FROM "Odd ""Schema"""."Weird ""Table"" ; --" WHERE "primary" = 8;
INSERT INTO "Odd ""Schema"""."table" ("order", "End") VALUES ('new', 1);
INSERT INTO "Odd ""Schema"""."t23456789_123456789_123456789_123456789_123456789_123456789_123"
VALUES (2);
INSERT INTO torture."Case" VALUES (3);
DELETE FROM torture."case";

-- Identity and generated columns

INSERT INTO torture.identities (v) VALUES ('cdc 1'), ('cdc 2');
INSERT INTO torture.identities OVERRIDING SYSTEM VALUE VALUES (6, 'forced', 6, NULL);
UPDATE torture.identities SET v = v || '!' WHERE always_id = 110;
UPDATE torture.identities SET n = -n WHERE always_id = 120;
UPDATE torture.identities SET always_id = DEFAULT WHERE always_id = 130;
INSERT INTO torture.only_identity DEFAULT VALUES;
UPDATE torture.generated SET price = price + 1 WHERE id < 20;
INSERT INTO torture.generated (id, price, note) VALUES (500, NULL, 'n');
DELETE FROM torture.generated WHERE id = 50;
INSERT INTO torture.only_generated (id) VALUES (3);
UPDATE torture.only_generated SET id = 30 WHERE id = 2;
SELECT nextval('torture.seq_descending'), nextval('torture.seq_small');

-- Partitions: into each, moves between them, a new key within one

INSERT INTO torture.events SELECT i, date '2024-06-01' + i % 1200, 'd', 'cdc'
FROM generate_series(10001, 10200) i;
UPDATE torture.events SET at = at + 400 WHERE id BETWEEN 100 AND 200;
UPDATE torture.events SET kind = 'a' WHERE id BETWEEN 300 AND 400;
UPDATE torture.events SET id = id + 50000 WHERE id BETWEEN 500 AND 550;
UPDATE torture.events SET payload = NULL WHERE id % 17 = 0;
DELETE FROM torture.events WHERE id % 19 = 0;
BEGIN;
UPDATE torture.events SET at = '2025-05-05' WHERE id = 1001;
UPDATE torture.events SET at = '2026-05-05' WHERE id = 1001;
UPDATE torture.events SET kind = 'a', payload = 'home' WHERE id = 1001;
COMMIT;
UPDATE torture.hashed SET k = k || '*' WHERE v % 3 = 0;
DELETE FROM torture.hashed WHERE v % 10 = 1;
TRUNCATE torture.hashed_1;

-- Inheritance

UPDATE torture.parent SET v = v || '+' WHERE id % 10 = 0;
UPDATE ONLY torture.parent SET v = 'only' WHERE id = 1;
DELETE FROM torture.parent WHERE id = 11;
INSERT INTO torture.grandchild VALUES (500, 'g', 5, 'x');
TRUNCATE ONLY torture.parent;
INSERT INTO torture.parent VALUES (1, 'after');
UPDATE torture.typed SET b = 2;

-- Keys of every sort

INSERT INTO torture.keyless_full SELECT * FROM torture.keyless_full WHERE a < 10;
DELETE FROM torture.keyless_full WHERE ctid = (SELECT min(ctid) FROM torture.keyless_full WHERE a = 3);
UPDATE torture.keyless_full SET b = 'one of several'
WHERE ctid = (SELECT min(ctid) FROM torture.keyless_full WHERE a = 4);
UPDATE torture.keyless_full SET n = n + 0.50 WHERE a BETWEEN 20 AND 25;
UPDATE torture.keyless_full SET f = 'NaN' WHERE a IS NULL;
UPDATE torture.keyless_full SET j = '{"b": [ ]}' WHERE big IS NOT NULL;
DELETE FROM torture.keyless_full WHERE f = 'NaN' AND a > 50;
INSERT INTO torture.keyless VALUES (1000, 'inserted');
UPDATE torture.keyless SET b = 'u' WHERE a = 3;
DELETE FROM torture.keyless WHERE a = 4;
UPDATE torture.keyed_full SET v = 'u', id = id + 1000 WHERE id < 10;
UPDATE torture.keyed_full SET j = '{ }' WHERE id BETWEEN 20 AND 30;
DELETE FROM torture.keyed_full WHERE id > 90 AND id < 1000;
UPDATE torture.by_index SET v = 'u' WHERE id < 50;
UPDATE torture.by_index SET code = code || '!' WHERE id BETWEEN 10 AND 20;
UPDATE torture.by_index SET id = id + 1000 WHERE id BETWEEN 15 AND 25;
DELETE FROM torture.by_index WHERE id = 60;
INSERT INTO torture.identity_nothing VALUES (100, 'i');
UPDATE torture.identity_nothing SET v = 'u' WHERE id = 3;
DELETE FROM torture.identity_nothing WHERE id = 4;
UPDATE torture.deferrable_key SET id = id + 1;
DELETE FROM torture.deferrable_key WHERE id = 5;
UPDATE torture.composite_key SET a = 'sad', v = -v WHERE v % 7 = 0;
UPDATE torture.composite_key SET v = 0 WHERE b = 'KEY5';
DELETE FROM torture.composite_key WHERE v = 6;
UPDATE torture.keyed_by_float SET v = v + 10;
DELETE FROM torture.keyed_by_float WHERE f = 'Infinity';
UPDATE torture.keyed_by_float SET f = '-Infinity' WHERE f = 0;
UPDATE torture.keyed_by_numeric SET v = v + 10;
UPDATE torture.keyed_by_numeric SET n = 1.000 WHERE n = 1;
UPDATE torture.keyed_by_numeric SET n = 2 WHERE n = 'NaN';
UPDATE torture.keyed_by_bytea SET v = 'u' WHERE k = '';
UPDATE torture.keyed_by_bytea SET k = E'\\x0001' WHERE k = E'\\x0000';
UPDATE torture.keyed_by_text SET v = 'u' || coalesce(v, 'null');
UPDATE torture.keyed_by_text SET k = '_' || k WHERE k IN ('', 'NULL');
UPDATE torture.keyed_by_char SET v = 'u' WHERE k IN ('', 'a');
UPDATE torture.keyed_by_char SET k = 'ab' WHERE k = 'a';

-- Unique values that change places, within one transaction and one statement

BEGIN;
UPDATE torture.many_unique SET a = 0 WHERE id = 1;
UPDATE torture.many_unique SET a = 1 WHERE id = 2;
UPDATE torture.many_unique SET a = 2 WHERE id = 1;
COMMIT;
BEGIN;
UPDATE torture.many_unique SET a = 4 WHERE id = 3;
UPDATE torture.many_unique SET a = 3 WHERE id = 4;
COMMIT;
BEGIN;
UPDATE torture.many_unique SET b = 'free' WHERE id = 5;
UPDATE torture.many_unique SET b = 'b5' WHERE id = 6;
UPDATE torture.many_unique SET b = 'b6' WHERE id = 5;
COMMIT;
UPDATE torture.many_unique SET c = CASE id WHEN 7 THEN 8 WHEN 8 THEN 7 END WHERE id IN (7, 8);
BEGIN;
UPDATE torture.many_unique SET id = 0 WHERE id = 9;
UPDATE torture.many_unique SET id = 9 WHERE id = 10;
UPDATE torture.many_unique SET id = 10 WHERE id = 0;
COMMIT;
BEGIN;
DELETE FROM torture.many_unique WHERE id = 20;
INSERT INTO torture.many_unique VALUES (20, 20, 'again', 20);
DELETE FROM torture.many_unique WHERE id = 20;
INSERT INTO torture.many_unique VALUES (2000, 20, 'b20', 20);
COMMIT;
UPDATE torture.many_unique SET b = NULL WHERE id BETWEEN 30 AND 33;
INSERT INTO torture.many_unique VALUES (1, 1, 'x', 1) ON CONFLICT (id) DO UPDATE SET c = 5000;

-- Foreign keys: cycles, trees, cascades

BEGIN;
INSERT INTO torture.hen VALUES (1000, 2000);
INSERT INTO torture.egg VALUES (2000, 1000);
COMMIT;
BEGIN;
INSERT INTO torture.egg VALUES (2001, 1001);
INSERT INTO torture.hen VALUES (1001, 2001);
COMMIT;
UPDATE torture.egg SET id = id + 5000 WHERE id < 10;
BEGIN;
DELETE FROM torture.egg WHERE id = 2000;
COMMIT;
DELETE FROM torture.tree WHERE id = 100;
BEGIN;
INSERT INTO torture.tree VALUES (1001, NULL, 'root');
INSERT INTO torture.tree VALUES (1002, 1001, 'leaf');
UPDATE torture.tree SET parent = 1002 WHERE id = 2;
DELETE FROM torture.tree WHERE id = 3;
COMMIT;
INSERT INTO torture.event_notes (event_id, at, kind, note)
SELECT id, at, kind, 'cdc' FROM torture.events WHERE id BETWEEN 10001 AND 10020;
UPDATE torture.legacy SET v = 3 WHERE id = 1;

-- Triggers, rules, views

INSERT INTO torture.watched VALUES (100, 'cdc'), (101, 'cdc');
UPDATE torture.watched SET v = 'u' WHERE id < 5;
DELETE FROM torture.watched WHERE id = 6;
INSERT INTO torture.view_2 (id, v) VALUES (102, 'through a view');
UPDATE torture.view_1 SET v = 'view' WHERE id = 7;
INSERT INTO torture.ruled VALUES (2, 'with the rule');
UPDATE torture.ruled SET v = 'u' WHERE id = 1;
DELETE FROM torture.ruled;
INSERT INTO torture.ruled VALUES (3, NULL);

-- What is not in the WAL, or not published

INSERT INTO torture.unlogged (v) VALUES ('cdc');
UPDATE torture.unlogged SET v = 'u' WHERE id = 1;
DELETE FROM torture.unlogged WHERE id = 2;
INSERT INTO torture.unlogged_keyless VALUES ('u');
INSERT INTO torture.no_columns DEFAULT VALUES;
SELECT lo_put(content, 10, '\xdeadbeef') FROM torture.files WHERE name = 'file 2';
SELECT lo_unlink(content) FROM torture.files WHERE name = 'file 3';
DELETE FROM torture.files WHERE name = 'file 3';
INSERT INTO torture.files VALUES ('cdc', lo_from_bytea(0, '\x00ff'));
INSERT INTO torture.secrets VALUES (100, current_user, 'c');
UPDATE torture.secrets SET v = 'u' WHERE id = 1;

-- TRUNCATE: alone, in the middle of changes, with those that refer to it, with its sequences

TRUNCATE torture.empty;
INSERT INTO torture.empty VALUES (1, 'x');
BEGIN;
INSERT INTO torture.empty VALUES (2, 'gone');
TRUNCATE torture.empty;
INSERT INTO torture.empty VALUES (3, 'stays');
UPDATE torture.empty SET v = 'stays, changed' WHERE id = 3;
COMMIT;
BEGIN;
TRUNCATE torture.empty;
ROLLBACK;
TRUNCATE torture.cut RESTART IDENTITY CASCADE;
INSERT INTO torture.cut (v) VALUES ('first again');
INSERT INTO torture.cut_child (cut) VALUES (1), (1);

-- Rolled back, and nested

BEGIN;
UPDATE torture.bulk SET v = 'never';
DELETE FROM torture.tree WHERE id = 150;
ROLLBACK;
BEGIN;
UPDATE torture.bulk SET v = 'outer' WHERE id = 1;
SAVEPOINT one;
UPDATE torture.bulk SET v = 'never' WHERE id = 1;
INSERT INTO torture.bulk VALUES (5001, 'never', 0);
SAVEPOINT two;
DELETE FROM torture.bulk WHERE id = 2;
ROLLBACK TO one;
SAVEPOINT three;
UPDATE torture.bulk SET v = 'inner' WHERE id = 3;
RELEASE three;
INSERT INTO torture.bulk VALUES (5001, 'kept', 1);
COMMIT;
DO $$
BEGIN
  FOR i IN 1..60 LOOP
    BEGIN
      UPDATE torture.bulk SET n = n + 1 WHERE id = i;
      IF i % 3 = 0 THEN RAISE EXCEPTION 'undo'; END IF;
    EXCEPTION WHEN raise_exception THEN NULL;
    END;
  END LOOP;
END $$;

-- 200,000 rows in one transaction, changed again within it, followed by small ones

BEGIN;
INSERT INTO torture.bulk SELECT i, 'bulk ' || i, i FROM generate_series(10001, 210000) i;
UPDATE torture.bulk SET n = -n WHERE id % 10 = 0;
DELETE FROM torture.bulk WHERE id BETWEEN 20000 AND 30000;
UPDATE torture.bulk SET id = id + 1000000 WHERE id BETWEEN 40000 AND 41000;
COMMIT;
UPDATE torture.bulk SET v = 'after' WHERE id = 210000;
INSERT INTO torture.bulk VALUES (0, NULL, NULL);
