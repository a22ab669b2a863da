-- Every kind of object and value that ever broke a migration. Loaded with psql as the owner of
-- the database; the setting torture.big (bytes) is the size of the largest values.

SET client_min_messages = warning;
SELECT set_config('torture.big', coalesce(current_setting('torture.big', true), '1000000'), false);
CREATE EXTENSION citext;
CREATE EXTENSION hstore;
CREATE EXTENSION pg_trgm;
CREATE SCHEMA torture;
CREATE SCHEMA "Odd ""Schema""";
COMMENT ON SCHEMA torture IS E'Backslash \\, quote '', tab \t, newline\nend';

-- Types of its own

CREATE TYPE torture.mood AS ENUM ('sad', 'it''s ok', 'a,b', '', '"quoted"', '{x}');
CREATE TYPE torture."select" AS ENUM ('from', 'WHERE');
CREATE DOMAIN torture.positive AS int CHECK (VALUE > 0) DEFAULT 1;
CREATE DOMAIN torture.positives AS torture.positive[] CHECK (array_length(VALUE, 1) < 9);
CREATE DOMAIN torture.strict_text AS text NOT NULL CHECK (VALUE <> 'never');
CREATE TYPE torture.inner_pair AS (a text, b numeric);
CREATE TYPE torture.outer_pair AS (
  "A b" int, nested torture.inner_pair, many torture.inner_pair[], mood torture.mood);
CREATE DOMAIN torture.checked_pair AS torture.inner_pair CHECK ((VALUE).b > 0);
CREATE TYPE torture.floatrange AS RANGE (subtype = float8, multirange_type_name = torture.floats);
CREATE TYPE torture.textrange AS RANGE (subtype = text, collation = "C");
CREATE COLLATION torture.plain FROM "C";
CREATE TEXT SEARCH DICTIONARY torture.dictionary (TEMPLATE = simple, ACCEPT = true);
CREATE TEXT SEARCH CONFIGURATION torture.configuration (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION torture.configuration
  ALTER MAPPING FOR word WITH torture.dictionary;

-- Functions in SQL and PL/pgSQL, of every sort

CREATE FUNCTION torture.twice(n numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT
  AS 'SELECT n * 2';
CREATE FUNCTION torture.twice(t text, VARIADIC rest text[] DEFAULT '{}') RETURNS text
  LANGUAGE plpgsql IMMUTABLE COST 7 AS $$ BEGIN RETURN t || t || array_to_string(rest, $q$'$q$); END $$;
CREATE FUNCTION torture.atomic(a int, OUT b int, OUT c text) LANGUAGE sql STABLE
  BEGIN ATOMIC SELECT a + 1, 'x;y'::text; END;
CREATE FUNCTION torture.rows_of(n int) RETURNS SETOF torture.inner_pair LANGUAGE sql ROWS 5
  AS $$ SELECT 'r' || i, i::numeric FROM generate_series(1, n) i $$;
CREATE FUNCTION torture.defined() RETURNS TABLE (x int, y text) LANGUAGE plpgsql
  SECURITY DEFINER SET search_path = torture, pg_temp SET work_mem = '5MB'
  AS $$ BEGIN RETURN QUERY SELECT 1, 'one'; END $$;
CREATE PROCEDURE torture.nothing(INOUT n int) LANGUAGE plpgsql AS $$ BEGIN n := n; END $$;
CREATE AGGREGATE torture.longest(text) (SFUNC = text_larger, STYPE = text);
CREATE FUNCTION torture.same(torture.inner_pair, torture.inner_pair) RETURNS boolean
  LANGUAGE sql IMMUTABLE AS 'SELECT $1.a = $2.a';
CREATE OPERATOR torture.=~= (
  LEFTARG = torture.inner_pair, RIGHTARG = torture.inner_pair, FUNCTION = torture.same,
  COMMUTATOR = OPERATOR(torture.=~=));
CREATE CAST (torture.inner_pair AS boolean) WITH INOUT;
COMMENT ON FUNCTION torture.twice(numeric) IS 'Two of it';
COMMENT ON AGGREGATE torture.longest(text) IS 'The last of them';

-- Every built-in type that a column can have, each with its array

CREATE TABLE torture.types (
  id int PRIMARY KEY, dropped int,
  c_bool bool, c_bytea bytea, c_char "char", c_name name, c_int8 int8, c_int2 int2,
  c_int2vector int2vector, c_int4 int4, c_regproc regproc, c_text text, c_oid oid, c_tid tid,
  c_xid xid, c_cid cid, c_oidvector oidvector, c_json json, c_xml xml, c_xid8 xid8,
  c_point point, c_lseg lseg, c_path path, c_box box, c_polygon polygon, c_line line,
  c_float4 float4, c_float8 float8, c_circle circle, c_money money, c_macaddr macaddr, c_inet inet,
  c_cidr cidr, c_macaddr8 macaddr8, c_aclitem aclitem, c_bpchar char(5), c_varchar varchar(20),
  c_date date, c_time time, c_time3 time(3), c_timestamp timestamp, c_timestamptz timestamptz,
  c_timestamptz2 timestamptz(2), c_interval interval, c_interval_day interval day to second(3),
  c_timetz timetz, c_bit bit(7), c_varbit varbit, c_numeric numeric, c_numeric_4_2 numeric(4, 2),
  c_numeric_neg numeric(5, -2), c_refcursor refcursor, c_regprocedure regprocedure,
  c_regoper regoper, c_regoperator regoperator, c_regclass regclass, c_regtype regtype,
  c_regrole regrole, c_regnamespace regnamespace, c_regconfig regconfig,
  c_regdictionary regdictionary, c_regcollation regcollation, c_uuid uuid, c_pg_lsn pg_lsn,
  c_tsvector tsvector, c_tsquery tsquery, c_jsonb jsonb, c_jsonpath jsonpath,
  c_txid_snapshot txid_snapshot, c_pg_snapshot pg_snapshot,
  c_int4range int4range, c_numrange numrange, c_tsrange tsrange, c_tstzrange tstzrange,
  c_daterange daterange, c_int8range int8range, c_int4multirange int4multirange,
  c_nummultirange nummultirange, c_tsmultirange tsmultirange, c_tstzmultirange tstzmultirange,
  c_datemultirange datemultirange, c_int8multirange int8multirange,
  c_mood torture.mood, c_select torture."select", c_positive torture.positive,
  c_positives torture.positives, c_pair torture.inner_pair, c_outer torture.outer_pair,
  c_checked torture.checked_pair, c_floatrange torture.floatrange, c_floats torture.floats,
  c_textrange torture.textrange, c_citext citext, c_hstore hstore,
  c_collated text COLLATE torture.plain
);
ALTER TABLE torture.types DROP COLUMN dropped;

INSERT INTO torture.types VALUES
(
  1, true, E'\\x00ff005c27', 'x', 'a name', 9223372036854775807, 32767, '1 2 3', 2147483647,
  'pg_catalog.now', E'tab\tnl\nbs\\ cr\r q'' "', 4294967295, '(4294967294,65535)', '4294967295',
  '4294967295', '1 4294967295', '{"b": 1, "a":  [null, 1.0, "\u00e9"], "b": 2}',
  '<a b="c">&amp;<!-- x --></a>', '18446744073709551615', '(1.5,-2e-300)', '[(1,2),(3,4)]',
  '[(1,2),(3,4)]', '(3,4),(1,2)', '((1,2),(3,4),(5,0))', '{1,2,3}', '1.1754944e-38', '0.1',
  '<(1,2),3>', '12345.67', '08:00:2b:01:02:03', '192.168.1.5/24', '192.168.0.0/16',
  '08:00:2b:01:02:03:04:05', 'pg_monitor=r/pg_monitor', 'ab', 'v v', '2026-02-28',
  '23:59:59.999999', '23:59:59.999', '2026-02-28 12:34:56.789012',
  '2026-02-28 12:34:56.789012+05:30', '2026-02-28 12:34:56.78+00',
  '1 year 2 mons -3 days 04:05:06.000007', '3 days 04:05:06.789', '12:34:56.789012+15:59',
  B'1010101', B'101', '123456789012345678901234567890.123456789012345678901234567890', '12.30',
  '1234567', '<cursor>', 'torture.twice(numeric)', 'pg_catalog.||/',
  'torture.=~=(torture.inner_pair,torture.inner_pair)', 'torture.types', 'torture.mood[]',
  'pg_monitor', 'torture', 'torture.configuration', 'torture.dictionary', 'torture.plain',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', 'FFFFFFFF/FFFFFFFF', '''a b'':1A,2B ''it''''s'':3C',
  '''fat'' & (''rat'' | !''cat'':*A) <2> ''x''',
  '{"b": [1, 1.00, 1e5, null, "\u00e9\\"], "a": {"": true}}', '$."a"[*]?(@ > 1)',
  '10:20:10,14,15', '10:20:10,14,15', '[1,10)', '[1.10,2.20]', '[2026-01-01,2026-02-01 12:00)',
  '[2026-01-01 00:00+02,2026-02-01 12:00+00)', '[2026-01-01,2026-02-01)',
  '[1,9223372036854775806]', '{[1,3),[5,7)}', '{[1.10,3.0],(5,7)}',
  '{[2026-01-01,2026-02-01),[2026-03-01,infinity)}',
  '{[2026-01-01 00:00+00,2026-02-01 00:00+00)}', '{[2026-01-01,2026-02-01),[2026-03-01,)}',
  '{[1,3),[5,9223372036854775807)}', 'it''s ok', 'from', 7, '{1,2,3}', row(E'a "q" \\ ,()', 1.50),
  row(1, row('x', 2.0), ARRAY[row('y', 3)::torture.inner_pair, NULL, row(NULL, NULL)::torture.inner_pair], 'a,b'),
  row('c', 1), '[0.1,NaN)', '{[0.1,0.2),[5,)}', '["a b","c,\"d")', 'CaSe',
  '"a b"=>"c\"d", n=>NULL', 'zz'
),
(
  2, false, '', '', '', -9223372036854775808, -32768, '', -2147483648, '-', '', 0, '(0,0)', '0',
  '0', '', 'null', 'text only', '0', '(Infinity,NaN)', '[(0,0),(0,0)]', '((1,2),(3,4),(5,6))',
  '(0,0),(0,0)', '((0,0))', '{0,1,0}', 'NaN', 'Infinity', '<(0,0),0>', '-92233720368547758.08',
  '00:00:00:00:00:00', '::1', '0.0.0.0/0', '00:00:00:00:00:00:00:00', '=r*w/pg_monitor', '', '',
  'infinity', '24:00:00', '00:00:00.001', '-infinity', 'infinity', '-infinity', '0', '0',
  '24:00:00-15:59', B'0000000', B'', 'NaN', 'NaN', '0', '', 'pg_catalog.abs(integer)', '0',
  'pg_catalog.+(integer,integer)', 'pg_catalog.pg_class', 'timestamp with time zone',
  'pg_read_all_data', 'pg_catalog', 'pg_catalog.english', 'pg_catalog.simple', 'pg_catalog."C"',
  '00000000-0000-0000-0000-000000000000', '0/0', '', '', 'null', '$', '1:1:', '1:1:', 'empty',
  'empty', 'empty', 'empty', 'empty', 'empty', '{}', '{}', '{}', '{}', '{}', '{}', '', 'WHERE', 1,
  '{9}', row('', NULL), row(NULL, NULL, '{}', ''), row('', 0.001), 'empty', '{}', 'empty', '', '',
  'ÄÖ'
),
(
  3, NULL, E'\\x0a0d09', E'\\377', repeat('n', 63), 0, 0, '-1', 0, 'torture.atomic', '\N', 1,
  '(7,1)', '3', '3', '0', '""', '', '9', '(0,-0)', '[(-1,1e10),(0.1,0.2)]', '((0,0))',
  '(1e200,1),(-1,-1)', '((0.1,0.2),(0.3,0.4))', '{-1,0.1,1e9}', '-Infinity', '-0',
  '<(0.1,0.2),1e100>', '0', 'ff:ff:ff:ff:ff:ff', '2001:db8::ff/64', '2001:db8::/32',
  'ff:ff:ff:ff:ff:ff:ff:ff', 'pg_read_all_data=X/pg_monitor', 'abcde', repeat('é', 20),
  '4713-01-01 BC', '00:00:00', '12:00', '4713-01-01 00:00:00 BC',
  '294276-12-31 23:59:59.999999+00', '0001-01-01 00:00:00+00 BC', '-178000000 years', '-1 day',
  '00:00:00+00', B'1111111', B'1', '-Infinity', '-99.99', '-9999900', 'c', '-', 'pg_catalog.||/',
  '0', '-', '-', '-', '-', '-', '-', '-', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '16/B374D848',
  'x y z', 'a', '""', 'strict $.a', '5:6:', '5:6:', '(,)', '(,5)', '[-infinity,infinity]', '(,)',
  '(,2026-01-01)', '(,)', '{(,)}', '{(,1)}', '{(,)}', '{(,)}', '{(,)}', '{(,)}', '"quoted"', NULL,
  2147483647, '[-1:0]={4,5}', row(NULL, 'NaN'), row(NULL, row(NULL, NULL), NULL, NULL), NULL,
  '(-Infinity,Infinity)', '{(,)}', '(,)', 'ÀÉ', '""=>""', ''
);
INSERT INTO torture.types (id) VALUES (4);  -- everything else NULL, but for defaults

CREATE TABLE torture.type_arrays (
  id int PRIMARY KEY,
  a_bool bool[], a_bytea bytea[], a_char "char"[], a_name name[], a_int8 int8[], a_int2 int2[],
  a_int2vector int2vector[], a_int4 int4[], a_regproc regproc[], a_text text[], a_oid oid[],
  a_tid tid[], a_xid xid[], a_cid cid[], a_oidvector oidvector[], a_json json[], a_xml xml[],
  a_xid8 xid8[], a_point point[], a_lseg lseg[], a_path path[], a_box box[], a_polygon polygon[],
  a_line line[], a_float4 float4[], a_float8 float8[], a_circle circle[], a_money money[],
  a_macaddr macaddr[], a_inet inet[], a_cidr cidr[], a_macaddr8 macaddr8[], a_aclitem aclitem[],
  a_bpchar char(5)[], a_varchar varchar(20)[], a_date date[], a_time time[], a_time3 time(3)[],
  a_timestamp timestamp[], a_timestamptz timestamptz[], a_timestamptz2 timestamptz(2)[],
  a_interval interval[], a_interval_day interval day to second(3)[], a_timetz timetz[],
  a_bit bit(7)[], a_varbit varbit[], a_numeric numeric[], a_numeric_4_2 numeric(4, 2)[],
  a_numeric_neg numeric(5, -2)[], a_refcursor refcursor[], a_regprocedure regprocedure[],
  a_regoper regoper[], a_regoperator regoperator[], a_regclass regclass[], a_regtype regtype[],
  a_regrole regrole[], a_regnamespace regnamespace[], a_regconfig regconfig[],
  a_regdictionary regdictionary[], a_regcollation regcollation[], a_uuid uuid[],
  a_pg_lsn pg_lsn[], a_tsvector tsvector[], a_tsquery tsquery[], a_jsonb jsonb[],
  a_jsonpath jsonpath[], a_txid_snapshot txid_snapshot[], a_pg_snapshot pg_snapshot[],
  a_int4range int4range[], a_numrange numrange[], a_tsrange tsrange[], a_tstzrange tstzrange[],
  a_daterange daterange[], a_int8range int8range[], a_int4multirange int4multirange[],
  a_nummultirange nummultirange[], a_tsmultirange tsmultirange[],
  a_tstzmultirange tstzmultirange[], a_datemultirange datemultirange[],
  a_int8multirange int8multirange[], a_mood torture.mood[], a_select torture."select"[],
  a_positive torture.positive[], a_pair torture.inner_pair[], a_outer torture.outer_pair[],
  a_checked torture.checked_pair[], a_floatrange torture.floatrange[], a_floats torture.floats[],
  a_textrange torture.textrange[], a_citext citext[], a_hstore hstore[], a_collated text[]
);
-- One array of all values of a type with a NULL, one empty, one of several dimensions.
INSERT INTO torture.type_arrays
SELECT 1,
  array_append(array_agg(c_bool), NULL), array_append(array_agg(c_bytea), NULL),
  array_append(array_agg(c_char), NULL), array_append(array_agg(c_name), NULL),
  array_append(array_agg(c_int8), NULL), array_append(array_agg(c_int2), NULL),
  '{"1 2 3","",NULL}', array_append(array_agg(c_int4), NULL),
  array_append(array_agg(c_regproc), NULL), array_append(array_agg(c_text), NULL),
  array_append(array_agg(c_oid), NULL), array_append(array_agg(c_tid), NULL),
  array_append(array_agg(c_xid), NULL), array_append(array_agg(c_cid), NULL),
  '{"1 4294967295","",NULL}', array_append(array_agg(c_json), NULL),
  array_append(array_agg(c_xml), NULL), array_append(array_agg(c_xid8), NULL),
  array_append(array_agg(c_point), NULL), array_append(array_agg(c_lseg), NULL),
  array_append(array_agg(c_path), NULL), array_append(array_agg(c_box), NULL),
  array_append(array_agg(c_polygon), NULL), array_append(array_agg(c_line), NULL),
  array_append(array_agg(c_float4), NULL), array_append(array_agg(c_float8), NULL),
  array_append(array_agg(c_circle), NULL), array_append(array_agg(c_money), NULL),
  array_append(array_agg(c_macaddr), NULL), array_append(array_agg(c_inet), NULL),
  array_append(array_agg(c_cidr), NULL), array_append(array_agg(c_macaddr8), NULL),
  array_append(array_agg(c_aclitem), NULL), array_append(array_agg(c_bpchar), NULL),
  array_append(array_agg(c_varchar), NULL), array_append(array_agg(c_date), NULL),
  array_append(array_agg(c_time), NULL), array_append(array_agg(c_time3), NULL),
  array_append(array_agg(c_timestamp), NULL), array_append(array_agg(c_timestamptz), NULL),
  array_append(array_agg(c_timestamptz2), NULL), array_append(array_agg(c_interval), NULL),
  array_append(array_agg(c_interval_day), NULL), array_append(array_agg(c_timetz), NULL),
  array_append(array_agg(c_bit), NULL), array_append(array_agg(c_varbit), NULL),
  array_append(array_agg(c_numeric), NULL), array_append(array_agg(c_numeric_4_2), NULL),
  array_append(array_agg(c_numeric_neg), NULL), array_append(array_agg(c_refcursor), NULL),
  array_append(array_agg(c_regprocedure), NULL), array_append(array_agg(c_regoper), NULL),
  array_append(array_agg(c_regoperator), NULL), array_append(array_agg(c_regclass), NULL),
  array_append(array_agg(c_regtype), NULL), array_append(array_agg(c_regrole), NULL),
  array_append(array_agg(c_regnamespace), NULL), array_append(array_agg(c_regconfig), NULL),
  array_append(array_agg(c_regdictionary), NULL), array_append(array_agg(c_regcollation), NULL),
  array_append(array_agg(c_uuid), NULL), array_append(array_agg(c_pg_lsn), NULL),
  array_append(array_agg(c_tsvector), NULL), array_append(array_agg(c_tsquery), NULL),
  array_append(array_agg(c_jsonb), NULL), array_append(array_agg(c_jsonpath), NULL),
  array_append(array_agg(c_txid_snapshot), NULL), array_append(array_agg(c_pg_snapshot), NULL),
  array_append(array_agg(c_int4range), NULL), array_append(array_agg(c_numrange), NULL),
  array_append(array_agg(c_tsrange), NULL), array_append(array_agg(c_tstzrange), NULL),
  array_append(array_agg(c_daterange), NULL), array_append(array_agg(c_int8range), NULL),
  array_append(array_agg(c_int4multirange), NULL), array_append(array_agg(c_nummultirange), NULL),
  array_append(array_agg(c_tsmultirange), NULL), array_append(array_agg(c_tstzmultirange), NULL),
  array_append(array_agg(c_datemultirange), NULL),
  array_append(array_agg(c_int8multirange), NULL), array_append(array_agg(c_mood), NULL),
  array_append(array_agg(c_select), NULL), array_append(array_agg(c_positive), NULL),
  array_append(array_agg(c_pair), NULL), array_append(array_agg(c_outer), NULL),
  array_append(array_agg(c_checked), NULL), array_append(array_agg(c_floatrange), NULL),
  array_append(array_agg(c_floats), NULL), array_append(array_agg(c_textrange), NULL),
  array_append(array_agg(c_citext), NULL), array_append(array_agg(c_hstore), NULL),
  array_append(array_agg(c_collated), NULL)
FROM torture.types;
INSERT INTO torture.type_arrays
SELECT 2,
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}',
  '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}', '{}';
INSERT INTO torture.type_arrays
SELECT 3,
  ARRAY[ARRAY[c_bool, c_bool], ARRAY[NULL, c_bool]],
  ARRAY[ARRAY[c_bytea, c_bytea], ARRAY[NULL, c_bytea]],
  ARRAY[ARRAY[c_char, c_char], ARRAY[NULL, c_char]],
  ARRAY[ARRAY[c_name, c_name], ARRAY[NULL, c_name]],
  ARRAY[ARRAY[c_int8, c_int8], ARRAY[NULL, c_int8]],
  ARRAY[ARRAY[c_int2, c_int2], ARRAY[NULL, c_int2]],
  '{{"1 2","3"},{NULL,"4"}}',
  ARRAY[ARRAY[c_int4, c_int4], ARRAY[NULL, c_int4]],
  ARRAY[ARRAY[c_regproc, c_regproc], ARRAY[NULL, c_regproc]],
  ARRAY[ARRAY[c_text, c_text], ARRAY[NULL, c_text]],
  ARRAY[ARRAY[c_oid, c_oid], ARRAY[NULL, c_oid]], ARRAY[ARRAY[c_tid, c_tid], ARRAY[NULL, c_tid]],
  ARRAY[ARRAY[c_xid, c_xid], ARRAY[NULL, c_xid]], ARRAY[ARRAY[c_cid, c_cid], ARRAY[NULL, c_cid]],
  '{{"1 2","3"},{NULL,"4"}}',
  ARRAY[ARRAY[c_json, c_json], ARRAY[NULL, c_json]],
  ARRAY[ARRAY[c_xml, c_xml], ARRAY[NULL, c_xml]],
  ARRAY[ARRAY[c_xid8, c_xid8], ARRAY[NULL, c_xid8]],
  ARRAY[ARRAY[c_point, c_point], ARRAY[NULL, c_point]],
  ARRAY[ARRAY[c_lseg, c_lseg], ARRAY[NULL, c_lseg]],
  ARRAY[ARRAY[c_path, c_path], ARRAY[NULL, c_path]],
  ARRAY[ARRAY[c_box, c_box], ARRAY[NULL, c_box]],
  ARRAY[ARRAY[c_polygon, c_polygon], ARRAY[NULL, c_polygon]],
  ARRAY[ARRAY[c_line, c_line], ARRAY[NULL, c_line]],
  ARRAY[ARRAY[c_float4, c_float4], ARRAY[NULL, c_float4]],
  ARRAY[ARRAY[c_float8, c_float8], ARRAY[NULL, c_float8]],
  ARRAY[ARRAY[c_circle, c_circle], ARRAY[NULL, c_circle]],
  ARRAY[ARRAY[c_money, c_money], ARRAY[NULL, c_money]],
  ARRAY[ARRAY[c_macaddr, c_macaddr], ARRAY[NULL, c_macaddr]],
  ARRAY[ARRAY[c_inet, c_inet], ARRAY[NULL, c_inet]],
  ARRAY[ARRAY[c_cidr, c_cidr], ARRAY[NULL, c_cidr]],
  ARRAY[ARRAY[c_macaddr8, c_macaddr8], ARRAY[NULL, c_macaddr8]],
  ARRAY[ARRAY[c_aclitem, c_aclitem], ARRAY[NULL, c_aclitem]],
  ARRAY[ARRAY[c_bpchar, c_bpchar], ARRAY[NULL, c_bpchar]],
  ARRAY[ARRAY[c_varchar, c_varchar], ARRAY[NULL, c_varchar]],
  ARRAY[ARRAY[c_date, c_date], ARRAY[NULL, c_date]],
  ARRAY[ARRAY[c_time, c_time], ARRAY[NULL, c_time]],
  ARRAY[ARRAY[c_time3, c_time3], ARRAY[NULL, c_time3]],
  ARRAY[ARRAY[c_timestamp, c_timestamp], ARRAY[NULL, c_timestamp]],
  ARRAY[ARRAY[c_timestamptz, c_timestamptz], ARRAY[NULL, c_timestamptz]],
  ARRAY[ARRAY[c_timestamptz2, c_timestamptz2], ARRAY[NULL, c_timestamptz2]],
  ARRAY[ARRAY[c_interval, c_interval], ARRAY[NULL, c_interval]],
  ARRAY[ARRAY[c_interval_day, c_interval_day], ARRAY[NULL, c_interval_day]],
  ARRAY[ARRAY[c_timetz, c_timetz], ARRAY[NULL, c_timetz]],
  ARRAY[ARRAY[c_bit, c_bit], ARRAY[NULL, c_bit]],
  ARRAY[ARRAY[c_varbit, c_varbit], ARRAY[NULL, c_varbit]],
  ARRAY[ARRAY[c_numeric, c_numeric], ARRAY[NULL, c_numeric]],
  ARRAY[ARRAY[c_numeric_4_2, c_numeric_4_2], ARRAY[NULL, c_numeric_4_2]],
  ARRAY[ARRAY[c_numeric_neg, c_numeric_neg], ARRAY[NULL, c_numeric_neg]],
  ARRAY[ARRAY[c_refcursor, c_refcursor], ARRAY[NULL, c_refcursor]],
  ARRAY[ARRAY[c_regprocedure, c_regprocedure], ARRAY[NULL, c_regprocedure]],
  ARRAY[ARRAY[c_regoper, c_regoper], ARRAY[NULL, c_regoper]],
  ARRAY[ARRAY[c_regoperator, c_regoperator], ARRAY[NULL, c_regoperator]],
  ARRAY[ARRAY[c_regclass, c_regclass], ARRAY[NULL, c_regclass]],
  ARRAY[ARRAY[c_regtype, c_regtype], ARRAY[NULL, c_regtype]],
  ARRAY[ARRAY[c_regrole, c_regrole], ARRAY[NULL, c_regrole]],
  ARRAY[ARRAY[c_regnamespace, c_regnamespace], ARRAY[NULL, c_regnamespace]],
  ARRAY[ARRAY[c_regconfig, c_regconfig], ARRAY[NULL, c_regconfig]],
  ARRAY[ARRAY[c_regdictionary, c_regdictionary], ARRAY[NULL, c_regdictionary]],
  ARRAY[ARRAY[c_regcollation, c_regcollation], ARRAY[NULL, c_regcollation]],
  ARRAY[ARRAY[c_uuid, c_uuid], ARRAY[NULL, c_uuid]],
  ARRAY[ARRAY[c_pg_lsn, c_pg_lsn], ARRAY[NULL, c_pg_lsn]],
  ARRAY[ARRAY[c_tsvector, c_tsvector], ARRAY[NULL, c_tsvector]],
  ARRAY[ARRAY[c_tsquery, c_tsquery], ARRAY[NULL, c_tsquery]],
  ARRAY[ARRAY[c_jsonb, c_jsonb], ARRAY[NULL, c_jsonb]],
  ARRAY[ARRAY[c_jsonpath, c_jsonpath], ARRAY[NULL, c_jsonpath]],
  ARRAY[ARRAY[c_txid_snapshot, c_txid_snapshot], ARRAY[NULL, c_txid_snapshot]],
  ARRAY[ARRAY[c_pg_snapshot, c_pg_snapshot], ARRAY[NULL, c_pg_snapshot]],
  ARRAY[ARRAY[c_int4range, c_int4range], ARRAY[NULL, c_int4range]],
  ARRAY[ARRAY[c_numrange, c_numrange], ARRAY[NULL, c_numrange]],
  ARRAY[ARRAY[c_tsrange, c_tsrange], ARRAY[NULL, c_tsrange]],
  ARRAY[ARRAY[c_tstzrange, c_tstzrange], ARRAY[NULL, c_tstzrange]],
  ARRAY[ARRAY[c_daterange, c_daterange], ARRAY[NULL, c_daterange]],
  ARRAY[ARRAY[c_int8range, c_int8range], ARRAY[NULL, c_int8range]],
  ARRAY[ARRAY[c_int4multirange, c_int4multirange], ARRAY[NULL, c_int4multirange]],
  ARRAY[ARRAY[c_nummultirange, c_nummultirange], ARRAY[NULL, c_nummultirange]],
  ARRAY[ARRAY[c_tsmultirange, c_tsmultirange], ARRAY[NULL, c_tsmultirange]],
  ARRAY[ARRAY[c_tstzmultirange, c_tstzmultirange], ARRAY[NULL, c_tstzmultirange]],
  ARRAY[ARRAY[c_datemultirange, c_datemultirange], ARRAY[NULL, c_datemultirange]],
  ARRAY[ARRAY[c_int8multirange, c_int8multirange], ARRAY[NULL, c_int8multirange]],
  ARRAY[ARRAY[c_mood, c_mood], ARRAY[NULL, c_mood]],
  ARRAY[ARRAY[c_select, c_select], ARRAY[NULL, c_select]],
  ARRAY[ARRAY[c_positive, c_positive], ARRAY[NULL, c_positive]],
  ARRAY[ARRAY[c_pair, c_pair], ARRAY[NULL, c_pair]],
  ARRAY[ARRAY[c_outer, c_outer], ARRAY[NULL, c_outer]],
  ARRAY[ARRAY[c_checked, c_checked], ARRAY[NULL, c_checked]],
  ARRAY[ARRAY[c_floatrange, c_floatrange], ARRAY[NULL, c_floatrange]],
  ARRAY[ARRAY[c_floats, c_floats], ARRAY[NULL, c_floats]],
  ARRAY[ARRAY[c_textrange, c_textrange], ARRAY[NULL, c_textrange]],
  ARRAY[ARRAY[c_citext, c_citext], ARRAY[NULL, c_citext]],
  ARRAY[ARRAY[c_hstore, c_hstore], ARRAY[NULL, c_hstore]],
  ARRAY[ARRAY[c_collated, c_collated], ARRAY[NULL, c_collated]]
FROM torture.types WHERE id = 1;

-- Large values: 1 MB, and as large as torture.big says

CREATE TABLE torture.large (
  id int PRIMARY KEY, small int NOT NULL, body text, raw bytea, doc jsonb);
ALTER TABLE torture.large ALTER COLUMN raw SET STORAGE EXTERNAL;
ALTER TABLE torture.large ALTER COLUMN body SET STATISTICS 20;
INSERT INTO torture.large
SELECT i, i,
       (SELECT string_agg(md5(i || '/' || n), E'\n') FROM generate_series(1, 32000) n),
       decode(repeat(md5(i::text) || '00', 32000), 'hex'),
       jsonb_build_object('long', repeat('é', 500000), 'i', i)
FROM generate_series(1, 4) AS i;
INSERT INTO torture.large VALUES
  (5, 5, repeat('big and compressible ', (current_setting('torture.big')::int / 21)), NULL, NULL),
  (6, 6, NULL, decode(repeat('00ff5c27', current_setting('torture.big')::int / 4), 'hex'), NULL);

-- Names

CREATE TABLE "Odd ""Schema"""."Weird ""Table"" ; --" (
  "primary" int, " lead" text, "select" text, "ÜñíÇøde ☃" text, "a.b" text, "%s $1 :x \ '" text,
  "a23456789_123456789_123456789_123456789_123456789_123456789_123" text,
  PRIMARY KEY ("primary", "select"));
INSERT INTO "Odd ""Schema"""."Weird ""Table"" ; --"
SELECT i, ' ' || i, 's' || i % 3, '☃', '.', E'\\', i::text FROM generate_series(1, 200) i;
CREATE INDEX "Index ""of"" it" ON "Odd ""Schema"""."Weird ""Table"" ; --" ("a.b", upper("select"));
CREATE TABLE "Odd ""Schema"""."table" ("user" serial PRIMARY KEY, "order" text UNIQUE, "End" int);
INSERT INTO "Odd ""Schema"""."table" ("order") SELECT 'o' || i FROM generate_series(1, 50) i;
CREATE TABLE "Odd ""Schema"""."t23456789_123456789_123456789_123456789_123456789_123456789_123"
  (id int PRIMARY KEY);
INSERT INTO "Odd ""Schema"""."t23456789_123456789_123456789_123456789_123456789_123456789_123"
VALUES (1);
CREATE TABLE torture."Case" (id int PRIMARY KEY);
CREATE TABLE torture."case" (id int PRIMARY KEY);
INSERT INTO torture."Case" VALUES (1);
INSERT INTO torture."case" VALUES (2);
COMMENT ON TABLE "Odd ""Schema"""."Weird ""Table"" ; --" IS 'Even its comment; -- is odd';
COMMENT ON COLUMN "Odd ""Schema"""."Weird ""Table"" ; --"." lead" IS 'A leading space';

-- Identity, sequences, generated columns

CREATE TABLE torture.identities (
  always_id int GENERATED ALWAYS AS IDENTITY (START 100 INCREMENT 10) PRIMARY KEY,
  v text, n bigint GENERATED BY DEFAULT AS IDENTITY, gone int);
ALTER TABLE torture.identities DROP COLUMN gone;
ALTER TABLE torture.identities ADD COLUMN late text DEFAULT 'added later';
INSERT INTO torture.identities (v) SELECT 'v' || i FROM generate_series(1, 100) i;
INSERT INTO torture.identities OVERRIDING SYSTEM VALUE VALUES (5, 'forced', 5, 'l');
CREATE TABLE torture.only_identity (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY);
INSERT INTO torture.only_identity SELECT FROM generate_series(1, 3);
CREATE TABLE torture.generated (
  total numeric GENERATED ALWAYS AS (torture.twice(price)) STORED,
  id int PRIMARY KEY, price numeric,
  label text GENERATED ALWAYS AS ('#' || price::text) STORED, note text);
INSERT INTO torture.generated (id, price) SELECT i, i / 3.0 FROM generate_series(1, 100) i;
CREATE TABLE torture.only_generated (
  id int PRIMARY KEY, twice numeric GENERATED ALWAYS AS (id * 2) STORED);
INSERT INTO torture.only_generated (id) VALUES (1), (2);
CREATE SEQUENCE torture.seq_descending INCREMENT -3 MAXVALUE 100 MINVALUE -1000000 START 100;
SELECT nextval('torture.seq_descending') FROM generate_series(1, 5);
CREATE SEQUENCE torture.seq_never;
CREATE SEQUENCE torture.seq_set;
SELECT setval('torture.seq_set', 77, false);
CREATE SEQUENCE torture.seq_small AS smallint CYCLE MAXVALUE 200 CACHE 7;
SELECT nextval('torture.seq_small') FROM generate_series(1, 14);
CREATE SEQUENCE torture.seq_near_end AS int;
SELECT setval('torture.seq_near_end', 2147483600);
CREATE SEQUENCE "Odd ""Schema"""."Seq 'uence" START 7;
SELECT nextval('"Odd ""Schema"""."Seq ''uence"');

-- Partitions: by range with a default, list, hash, nested, with other column orders

CREATE TABLE torture.events (
  id bigint NOT NULL, at date NOT NULL, kind text NOT NULL, payload text,
  PRIMARY KEY (id, at, kind)) PARTITION BY RANGE (at);
CREATE TABLE torture.events_2025 PARTITION OF torture.events
  FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
CREATE TABLE torture.events_2026 PARTITION OF torture.events
  FOR VALUES FROM ('2026-01-01') TO ('2027-01-01') PARTITION BY LIST (kind);
CREATE TABLE torture.events_2026_a PARTITION OF torture.events_2026 FOR VALUES IN ('a', 'A b');
CREATE TABLE torture.events_2026_rest PARTITION OF torture.events_2026 DEFAULT
  PARTITION BY HASH (id);
CREATE TABLE torture.events_2026_rest_0 PARTITION OF torture.events_2026_rest
  FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE torture.events_2026_rest_1 (
  payload text, extra int, kind text NOT NULL, at date NOT NULL, id bigint NOT NULL);
ALTER TABLE torture.events_2026_rest_1 DROP COLUMN extra;
ALTER TABLE torture.events_2026_rest ATTACH PARTITION torture.events_2026_rest_1
  FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE torture.events_default PARTITION OF torture.events DEFAULT;
CREATE INDEX events_payload_idx ON torture.events (payload);
INSERT INTO torture.events
SELECT i, date '2024-11-01' + i % 900, (ARRAY['a', 'A b', 'c', 'd'])[i % 4 + 1], md5(i::text)
FROM generate_series(1, 5000) i;
CREATE TABLE torture.hashed (k text PRIMARY KEY, v int) PARTITION BY HASH (k);
CREATE TABLE torture.hashed_0 PARTITION OF torture.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE torture.hashed_1 PARTITION OF torture.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE torture.hashed_2 PARTITION OF torture.hashed FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO torture.hashed SELECT 'k' || i, i FROM generate_series(1, 300) i;
CREATE TABLE torture.no_partitions (id int) PARTITION BY LIST (id);

-- Inheritance, typed tables, storage options

CREATE TABLE torture.parent (id int PRIMARY KEY, v text DEFAULT 'p');
CREATE TABLE torture.child (w int CHECK (w > 0), PRIMARY KEY (id)) INHERITS (torture.parent);
CREATE TABLE torture.other (x text);
CREATE TABLE torture.grandchild (PRIMARY KEY (id)) INHERITS (torture.child, torture.other)
  WITH (fillfactor = 70, autovacuum_enabled = false);
INSERT INTO torture.parent SELECT i, 'parent' FROM generate_series(1, 50) i;
INSERT INTO torture.child SELECT i, 'child', i FROM generate_series(1, 50) i;
INSERT INTO torture.grandchild SELECT i, 'grand', i, 'x' FROM generate_series(51, 99) i;
CREATE TABLE torture.typed OF torture.inner_pair (a WITH OPTIONS PRIMARY KEY, b DEFAULT 3);
INSERT INTO torture.typed VALUES ('t', 1);

-- Keys: none, none but FULL, an index, nothing, composite, deferrable, several

CREATE TABLE torture.keyless_full (
  a int, b text, j json, x xml, p point, f float8, n numeric, t timestamptz, r torture.inner_pair,
  big text);
ALTER TABLE torture.keyless_full REPLICA IDENTITY FULL;
INSERT INTO torture.keyless_full
SELECT i / 3, NULLIF('b' || i % 4, 'b0'), '{"a":  1}', '<a/>', '(1,2)',
       CASE i % 3 WHEN 0 THEN float8 'NaN' WHEN 1 THEN '-0' ELSE 0 END,
       CASE i % 2 WHEN 0 THEN 1.0 ELSE 1.00 END,
       CASE WHEN i % 5 = 0 THEN 'infinity'::timestamptz END,
       row('r', i % 2)::torture.inner_pair, NULL
FROM generate_series(1, 300) i;
INSERT INTO torture.keyless_full VALUES
  (1, '', 'null', '', NULL, NULL, 'NaN', NULL, NULL,
   (SELECT string_agg(md5(i::text), '') FROM generate_series(1, 3000) i)),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
  (NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
CREATE TABLE torture.keyless (a int, b text);
INSERT INTO torture.keyless SELECT i / 2, 'k' FROM generate_series(1, 100) i;
CREATE TABLE torture.keyed_full (id int PRIMARY KEY, j json, v text);
ALTER TABLE torture.keyed_full REPLICA IDENTITY FULL;
INSERT INTO torture.keyed_full SELECT i, '{}', 'v' FROM generate_series(1, 100) i;
CREATE TABLE torture.by_index (
  id serial, tenant int NOT NULL, code text NOT NULL, v text, PRIMARY KEY (id));
CREATE UNIQUE INDEX by_index_identity ON torture.by_index (tenant, code);
ALTER TABLE torture.by_index REPLICA IDENTITY USING INDEX by_index_identity;
INSERT INTO torture.by_index (tenant, code, v)
SELECT i % 5, 'c' || i, 'v' FROM generate_series(1, 100) i;
CREATE TABLE torture.identity_nothing (id int PRIMARY KEY, v text);
ALTER TABLE torture.identity_nothing REPLICA IDENTITY NOTHING;
INSERT INTO torture.identity_nothing SELECT i, 'v' FROM generate_series(1, 20) i;
CREATE TABLE torture.deferrable_key (id int PRIMARY KEY DEFERRABLE, v text);
INSERT INTO torture.deferrable_key SELECT i, 'v' FROM generate_series(1, 20) i;
CREATE TABLE torture.composite_key (
  b citext, a torture.mood, c date, v int, PRIMARY KEY (c, a, b)) ;
INSERT INTO torture.composite_key
SELECT 'Key' || i, (enum_range(NULL::torture.mood))[i % 6 + 1], date '2026-01-01' + i % 7, i
FROM generate_series(1, 200) i;
CREATE TABLE torture.many_unique (
  id int PRIMARY KEY, a int NOT NULL, b text, c int,
  CONSTRAINT many_a UNIQUE (a) DEFERRABLE INITIALLY DEFERRED,
  CONSTRAINT many_b UNIQUE (b),
  CONSTRAINT many_c UNIQUE NULLS NOT DISTINCT (c, b) DEFERRABLE,
  CONSTRAINT many_x EXCLUDE USING gist (int4range(c, c + 1) WITH &&) DEFERRABLE INITIALLY DEFERRED);
CREATE UNIQUE INDEX many_partial ON torture.many_unique (lower(b)) WHERE a > 0;
INSERT INTO torture.many_unique SELECT i, i, 'b' || i, i FROM generate_series(1, 100) i;
CREATE TABLE torture.unlogged_keyless (v text);
ALTER TABLE torture.unlogged_keyless SET UNLOGGED;
INSERT INTO torture.unlogged_keyless VALUES ('u'), ('u'), (NULL);
CREATE UNLOGGED TABLE torture.unlogged (id serial PRIMARY KEY, v text);
INSERT INTO torture.unlogged (v) SELECT 'u' || i FROM generate_series(1, 50) i;
CREATE TABLE torture.no_columns ();
INSERT INTO torture.no_columns SELECT FROM generate_series(1, 4);
CREATE TABLE torture.empty (id int PRIMARY KEY, v text);
CREATE TABLE torture.keyed_by_float (f float8 PRIMARY KEY, v int);
INSERT INTO torture.keyed_by_float VALUES ('NaN', 1), ('Infinity', 2), (0.1, 3), (0, 4), (1e-310, 5);
CREATE TABLE torture.keyed_by_numeric (n numeric PRIMARY KEY, v int);
INSERT INTO torture.keyed_by_numeric VALUES ('NaN', 1), (1.00, 2), ('-Infinity', 3), (1e40, 4);
CREATE TABLE torture.keyed_by_bytea (k bytea PRIMARY KEY, v text);
INSERT INTO torture.keyed_by_bytea
VALUES ('', 'empty'), (E'\\x00', 'zero'), (E'\\x0000', 'zeros'), (E'\\x5c', '\');
CREATE TABLE torture.keyed_by_text (k text COLLATE "C" PRIMARY KEY, v text);
INSERT INTO torture.keyed_by_text
VALUES ('', NULL), (' ', ''), (E'\t', '\N'), ('\N', E'\\.'), (E'\\.', E'\r\n'), ('NULL', '{}');
CREATE TABLE torture.keyed_by_char (k char(8) PRIMARY KEY, v text);
INSERT INTO torture.keyed_by_char VALUES ('', 'e'), ('a', 'a'), ('  b', 'b');

-- Foreign keys: to itself, in a cycle, with actions, not valid, to and from partitions

CREATE TABLE torture.tree (
  id int PRIMARY KEY, parent int REFERENCES torture.tree ON DELETE SET NULL, v text);
INSERT INTO torture.tree SELECT i, NULLIF(i / 2, 0), 'n' FROM generate_series(1, 200) i;
CREATE TABLE torture.hen (id int PRIMARY KEY, egg int NOT NULL);
CREATE TABLE torture.egg (
  id int PRIMARY KEY, hen int NOT NULL REFERENCES torture.hen DEFERRABLE INITIALLY DEFERRED);
ALTER TABLE torture.hen ADD CONSTRAINT hen_egg FOREIGN KEY (egg) REFERENCES torture.egg
  ON UPDATE CASCADE ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED;
BEGIN;
INSERT INTO torture.hen SELECT i, i FROM generate_series(1, 100) i;
INSERT INTO torture.egg SELECT i, i FROM generate_series(1, 100) i;
COMMIT;
CREATE TABLE torture.event_notes (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, event_id bigint, at date, kind text, note text,
  FOREIGN KEY (event_id, at, kind) REFERENCES torture.events MATCH FULL
    ON UPDATE CASCADE ON DELETE CASCADE);
INSERT INTO torture.event_notes (event_id, at, kind, note)
SELECT id, at, kind, 'note' FROM torture.events WHERE id % 10 = 0;
CREATE TABLE torture.legacy (id int PRIMARY KEY, tree int, v int);
INSERT INTO torture.legacy VALUES (1, 1, 1), (2, 99999, -5);
ALTER TABLE torture.legacy
  ADD CONSTRAINT legacy_tree FOREIGN KEY (tree) REFERENCES torture.tree NOT VALID,
  ADD CONSTRAINT legacy_v CHECK (v > 0) NOT VALID,
  ADD CONSTRAINT legacy_no_inherit CHECK (id > 0) NO INHERIT;
COMMENT ON CONSTRAINT legacy_tree ON torture.legacy IS 'Has one row that breaks it';

-- Triggers with side effects, in every mode, and rules

CREATE TABLE torture.side_effects (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, what text NOT NULL);
CREATE FUNCTION torture.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO torture.side_effects (what)
  VALUES (concat_ws(' ', TG_NAME, TG_WHEN, TG_OP, TG_LEVEL, TG_ARGV[0]));
  RETURN NULL;
END $$;
CREATE FUNCTION torture.change_v() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.v := NEW.v || '!';
  RETURN NEW;
END $$;
CREATE TABLE torture.watched (id int PRIMARY KEY, v text);
INSERT INTO torture.watched SELECT i, 'w' FROM generate_series(1, 50) i;
CREATE TRIGGER a_before BEFORE INSERT OR UPDATE ON torture.watched
  FOR EACH ROW EXECUTE FUNCTION torture.change_v();
CREATE TRIGGER "b After" AFTER INSERT OR UPDATE OF v OR DELETE ON torture.watched
  FOR EACH ROW EXECUTE FUNCTION torture.note('arg''ument');
CREATE TRIGGER c_statement AFTER TRUNCATE ON torture.watched
  FOR EACH STATEMENT EXECUTE FUNCTION torture.note();
CREATE TRIGGER d_always AFTER UPDATE ON torture.watched
  FOR EACH ROW EXECUTE FUNCTION torture.note();
ALTER TABLE torture.watched ENABLE ALWAYS TRIGGER d_always;
CREATE TRIGGER e_replica BEFORE UPDATE ON torture.watched
  FOR EACH ROW EXECUTE FUNCTION torture.change_v();
ALTER TABLE torture.watched ENABLE REPLICA TRIGGER e_replica;
CREATE TRIGGER f_disabled AFTER INSERT ON torture.watched
  FOR EACH ROW EXECUTE FUNCTION torture.note();
ALTER TABLE torture.watched DISABLE TRIGGER f_disabled;
CREATE CONSTRAINT TRIGGER g_deferred AFTER INSERT ON torture.watched
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id > 0) EXECUTE FUNCTION torture.note();
CREATE TRIGGER h_transition AFTER INSERT ON torture.watched REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION torture.note();
CREATE TRIGGER on_partitions AFTER INSERT ON torture.events
  FOR EACH ROW EXECUTE FUNCTION torture.note();
COMMENT ON TRIGGER a_before ON torture.watched IS 'Changes what is written';
CREATE TABLE torture.ruled (id int PRIMARY KEY, v text);
CREATE TABLE torture.ruled_log (v text);
ALTER TABLE torture.ruled_log REPLICA IDENTITY FULL;
INSERT INTO torture.ruled VALUES (1, 'before the rule');
CREATE RULE log_insert AS ON INSERT TO torture.ruled
  DO ALSO INSERT INTO torture.ruled_log VALUES (NEW.v);
CREATE RULE log_update AS ON UPDATE TO torture.ruled
  DO ALSO INSERT INTO torture.ruled_log VALUES ('update');
CREATE RULE keep_one AS ON DELETE TO torture.ruled WHERE OLD.id = 1 DO INSTEAD NOTHING;
COMMENT ON RULE keep_one ON torture.ruled IS 'Row 1 stays';

-- Views on views, rules and triggers on views, matviews on matviews

CREATE VIEW torture.view_1 AS SELECT id, v FROM torture.watched WHERE id < 1000
  WITH LOCAL CHECK OPTION;
CREATE VIEW torture.view_2 WITH (security_barrier = true) AS
  SELECT v.id, v.v, t.parent FROM torture.view_1 v LEFT JOIN torture.tree t USING (id);
CREATE RECURSIVE VIEW torture.numbers (n) AS
  VALUES (1) UNION ALL SELECT n + 1 FROM numbers WHERE n < 5;
CREATE FUNCTION torture.instead() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO torture.watched VALUES (NEW.id, NEW.v);
  RETURN NEW;
END $$;
CREATE TRIGGER instead INSTEAD OF INSERT ON torture.view_2
  FOR EACH ROW EXECUTE FUNCTION torture.instead();
CREATE VIEW torture.view_3 AS SELECT 1 AS one;
CREATE RULE view_delete AS ON DELETE TO torture.view_3 DO INSTEAD NOTHING;
CREATE MATERIALIZED VIEW torture.z_first AS
  SELECT kind, count(*) AS n FROM torture.events GROUP BY kind;
CREATE MATERIALIZED VIEW torture.a_second WITH (fillfactor = 80) AS
  SELECT sum(n) AS n FROM torture.z_first;
CREATE UNIQUE INDEX z_first_key ON torture.z_first (kind);
CREATE MATERIALIZED VIEW torture.never_filled AS SELECT 1 AS x WITH NO DATA;
CREATE VIEW torture.on_matview AS SELECT n FROM torture.a_second;
COMMENT ON MATERIALIZED VIEW torture.z_first IS 'Read by a_second';
COMMENT ON VIEW torture.view_2 IS 'A view on a view';
COMMENT ON COLUMN torture.view_2.v IS 'From view_1';

-- Row security, statistics, indexes of every sort

CREATE TABLE torture.secrets (id int PRIMARY KEY, owner name NOT NULL DEFAULT current_user, v text);
INSERT INTO torture.secrets SELECT i, 'nobody', 's' FROM generate_series(1, 30) i;
ALTER TABLE torture.secrets ENABLE ROW LEVEL SECURITY;
CREATE POLICY mine ON torture.secrets USING (owner = current_user) WITH CHECK (v <> 'x');
CREATE POLICY "read only" ON torture.secrets AS RESTRICTIVE FOR SELECT TO PUBLIC USING (id > 0);
COMMENT ON POLICY mine ON torture.secrets IS 'Whose it is';
CREATE STATISTICS torture.pairs (dependencies, mcv) ON a, v FROM torture.composite_key;
COMMENT ON STATISTICS torture.pairs IS 'They go together';
CREATE TABLE torture.searched (
  id int PRIMARY KEY, words text, doc jsonb, tags text[], spot point, addr inet, h hstore);
INSERT INTO torture.searched
SELECT i, 'word ' || md5(i::text), jsonb_build_object('i', i), ARRAY['t' || i % 5], point(i, i),
       inet '10.0.0.0' + i, hstore('k', i::text)
FROM generate_series(1, 1000) i;
CREATE INDEX searched_trgm ON torture.searched USING gin (words gin_trgm_ops);
CREATE INDEX searched_fts ON torture.searched
  USING gin (to_tsvector('torture.configuration', words));
CREATE INDEX searched_doc ON torture.searched USING gin (doc jsonb_path_ops) WITH (fastupdate = off);
CREATE INDEX searched_spot ON torture.searched USING spgist (spot);
CREATE INDEX searched_gist ON torture.searched USING gist (addr inet_ops);
CREATE INDEX searched_brin ON torture.searched USING brin (id) WITH (pages_per_range = 4);
CREATE INDEX searched_hash ON torture.searched USING hash (words);
CREATE INDEX searched_h ON torture.searched USING gin (h);
CREATE INDEX searched_wide ON torture.searched (words COLLATE "C" text_pattern_ops DESC NULLS LAST)
  INCLUDE (tags) WHERE id > 10;
ALTER TABLE torture.searched CLUSTER ON searched_pkey;
COMMENT ON INDEX torture.searched_trgm IS 'Trigrams';

-- Large objects

CREATE TABLE torture.files (name text PRIMARY KEY, content oid);
INSERT INTO torture.files
SELECT 'file ' || i, lo_from_bytea(0, decode(repeat(md5(i::text), 10000 * i), 'hex'))
FROM generate_series(1, 4) i;
INSERT INTO torture.files VALUES ('empty', lo_create(0)), ('none', NULL);
SELECT format('COMMENT ON LARGE OBJECT %s IS ''The first file''', content)
FROM torture.files WHERE name = 'file 1' \gexec

-- What the writes in torture-writes.sql work on

CREATE TABLE torture.bulk (id int PRIMARY KEY, v text, n numeric);
INSERT INTO torture.bulk SELECT i, 'v' || i, i FROM generate_series(1, 1000) i;
CREATE TABLE torture.cut (id serial PRIMARY KEY, v text);
INSERT INTO torture.cut (v) SELECT 'c' FROM generate_series(1, 100);
CREATE TABLE torture.cut_child (
  id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, cut int REFERENCES torture.cut);
INSERT INTO torture.cut_child (cut) SELECT i FROM generate_series(1, 100) i;
CREATE TABLE torture.churn (id int PRIMARY KEY, v text, at timestamptz NOT NULL DEFAULT now());
INSERT INTO torture.churn SELECT i, 'c' || i FROM generate_series(1, 5000) i;
