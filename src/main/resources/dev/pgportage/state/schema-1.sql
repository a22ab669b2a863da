CREATE SCHEMA IF NOT EXISTS pgportage;
COMMENT ON SCHEMA pgportage IS 'State of pgportage migrations; dropped by "pgportage cleanup".';

CREATE TABLE pgportage.state_version (version int NOT NULL);
INSERT INTO pgportage.state_version VALUES (1);

CREATE TABLE pgportage.migration (
  name           text PRIMARY KEY,
  type           text NOT NULL,
  source         text NOT NULL,
  settings_hash  text NOT NULL,
  created_at     timestamptz NOT NULL DEFAULT now(),
  run_epoch      bigint NOT NULL DEFAULT 0,
  run_holder     text,
  phase          text NOT NULL DEFAULT 'new',
  phase_since    timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pgportage.step (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  name         text NOT NULL,
  ordinal      int NOT NULL,
  status       text NOT NULL,
  attempts     int NOT NULL DEFAULT 0,
  started_at   timestamptz,
  finished_at  timestamptz,
  outcome      text,
  error        text,
  PRIMARY KEY (migration, name)
);

CREATE TABLE pgportage.step_attempt (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  step         text NOT NULL,
  run_epoch    bigint NOT NULL,
  holder       text,
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  finished_at  timestamptz,
  outcome      text NOT NULL DEFAULT 'running',
  error_code   text,
  error        text
);

CREATE TABLE pgportage.event (
  id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration  text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  at         timestamptz NOT NULL,
  level      text NOT NULL,
  kind       text NOT NULL,
  message    text NOT NULL
);

CREATE TABLE pgportage.notice (
  migration  text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  channel    text NOT NULL,
  topic      text NOT NULL,
  kind       text NOT NULL,
  headline   text NOT NULL,
  sent_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, channel, topic)
);

CREATE TABLE pgportage.channel (
  migration      text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  name           text NOT NULL,
  sent           bigint NOT NULL DEFAULT 0,
  sent_at        timestamptz,
  failing_since  timestamptz,
  failure        text,
  PRIMARY KEY (migration, name)
);

CREATE TABLE pgportage.relation (
  migration      text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name    text NOT NULL,
  table_name     text NOT NULL,
  state          text NOT NULL,
  snapshot_lsn   pg_lsn,
  planned_bytes  bigint NOT NULL,
  planned_rows   bigint NOT NULL,
  cut_chunks     int,
  cut_pages      bigint,
  cut_file       bigint,
  changed_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, schema_name, table_name)
);

CREATE TABLE pgportage.chunk (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name  text NOT NULL,
  table_name   text NOT NULL,
  number       int NOT NULL,
  rows         bigint NOT NULL,
  bytes        bigint NOT NULL,
  finished_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, schema_name, table_name, number)
);

CREATE TABLE pgportage.apply_progress (
  migration     text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  stream        int NOT NULL DEFAULT 1,
  applied_lsn   pg_lsn NOT NULL,
  applied_at    timestamptz NOT NULL DEFAULT now(),
  transactions  bigint NOT NULL DEFAULT 0,
  inserts       bigint NOT NULL DEFAULT 0,
  updates       bigint NOT NULL DEFAULT 0,
  deletes       bigint NOT NULL DEFAULT 0,
  truncates     bigint NOT NULL DEFAULT 0,
  bytes         bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (migration, stream)
);

CREATE TABLE pgportage.schema_item (
  migration     text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  position      int NOT NULL,
  kind          text NOT NULL,
  name          text NOT NULL,
  table_schema  text,
  table_name    text,
  decision      text NOT NULL,
  stage         text NOT NULL,
  reason        text NOT NULL,
  sql           text NOT NULL,
  PRIMARY KEY (migration, position)
);

CREATE TABLE pgportage.source_structure (
  migration   text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  object      text NOT NULL,
  definition  text NOT NULL,
  PRIMARY KEY (migration, object)
);

CREATE TABLE pgportage.source_shape (
  migration  text PRIMARY KEY REFERENCES pgportage.migration ON DELETE CASCADE,
  shape      text NOT NULL
);

CREATE TABLE pgportage.schema_change (
  migration    text PRIMARY KEY REFERENCES pgportage.migration ON DELETE CASCADE,
  digest       text NOT NULL,
  position     pg_lsn NOT NULL,
  since        timestamptz NOT NULL DEFAULT now(),
  statements   text NOT NULL,
  approved_at  timestamptz
);

CREATE TABLE pgportage.restored_object (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  object       text NOT NULL,
  restored_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, object)
);

CREATE TABLE pgportage.resource (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration   text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  side        text NOT NULL,
  kind        text NOT NULL,
  name        text NOT NULL,
  undo_sql    text NOT NULL,
  planned_at  timestamptz NOT NULL DEFAULT now(),
  made_at     timestamptz,
  undone_at   timestamptz
);

CREATE TABLE pgportage.validation (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name  text NOT NULL,
  table_name   text NOT NULL,
  at_lsn       pg_lsn,
  source_rows  bigint NOT NULL,
  target_rows  bigint NOT NULL,
  missing      bigint NOT NULL,
  extra        bigint NOT NULL,
  differing    bigint NOT NULL,
  digest       text NOT NULL,
  finished_at  timestamptz NOT NULL DEFAULT now(),
  proven_lsn   pg_lsn,
  read_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, schema_name, table_name)
);

CREATE TABLE pgportage.table_change (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name  text NOT NULL,
  table_name   text NOT NULL,
  changed_lsn  pg_lsn NOT NULL,
  PRIMARY KEY (migration, schema_name, table_name)
);

CREATE TABLE pgportage.sequence_set (
  migration    text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name  text NOT NULL,
  name         text NOT NULL,
  last_value   bigint NOT NULL,
  is_called    boolean NOT NULL,
  set_at       timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, schema_name, name)
);

CREATE TABLE pgportage.comparing (
  migration      text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_name    text NOT NULL,
  table_name     text NOT NULL,
  run_epoch      bigint NOT NULL,
  planned_rows   bigint NOT NULL,
  planned_bytes  bigint NOT NULL,
  rows           bigint NOT NULL DEFAULT 0,
  bytes          bigint NOT NULL DEFAULT 0,
  begun_at       timestamptz,
  ended_at       timestamptz,
  PRIMARY KEY (migration, schema_name, table_name)
);

CREATE TABLE pgportage.request (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration     text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  kind          text NOT NULL,
  parameters    text NOT NULL DEFAULT '{}',
  requested_at  timestamptz NOT NULL DEFAULT now(),
  waited_at     timestamptz NOT NULL DEFAULT now(),
  taken_at      timestamptz,
  finished_at   timestamptz,
  outcome       text,
  error         text
);

CREATE TABLE pgportage.spool (
  migration   text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  stream      int NOT NULL DEFAULT 1,
  id          uuid NOT NULL,
  host        text NOT NULL,
  directory   text NOT NULL,
  armed_at    timestamptz NOT NULL DEFAULT now(),
  bytes       bigint NOT NULL DEFAULT 0,
  most_bytes  bigint NOT NULL DEFAULT 0,
  from_lsn    pg_lsn NOT NULL DEFAULT '0/0',
  to_lsn      pg_lsn NOT NULL DEFAULT '0/0',
  is_full     boolean NOT NULL DEFAULT false,
  noted_at    timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, stream)
);

CREATE TABLE pgportage.validation_begun (
  migration  text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  scope      text NOT NULL,
  begun_at   timestamptz NOT NULL DEFAULT now(),
  worked_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (migration, scope)
);

CREATE TABLE pgportage.validation_kept (
  migration    text NOT NULL,
  scope        text NOT NULL,
  schema_name  text NOT NULL,
  table_name   text NOT NULL,
  at_lsn       pg_lsn NOT NULL,
  rows         bigint NOT NULL,
  digest       text NOT NULL,
  read_at      timestamptz NOT NULL,
  finished_at  timestamptz NOT NULL,
  PRIMARY KEY (migration, scope, schema_name, table_name),
  FOREIGN KEY (migration, scope) REFERENCES pgportage.validation_begun ON DELETE CASCADE
);

CREATE TABLE pgportage.validation_part (
  migration    text NOT NULL,
  scope        text NOT NULL,
  schema_name  text NOT NULL,
  table_name   text NOT NULL,
  side         text NOT NULL,
  at_lsn       pg_lsn NOT NULL,
  form         text NOT NULL,
  file         bigint NOT NULL,
  pages        bigint NOT NULL,
  rows         bigint NOT NULL,
  first_sum    numeric NOT NULL,
  second_sum   numeric NOT NULL,
  PRIMARY KEY (migration, scope, schema_name, table_name, side),
  FOREIGN KEY (migration, scope) REFERENCES pgportage.validation_begun ON DELETE CASCADE
);

CREATE TABLE pgportage.repair (
  id            uuid PRIMARY KEY,
  migration     text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  schema_names  text[] NOT NULL,
  table_names   text[] NOT NULL,
  undo          text NOT NULL,
  host          text NOT NULL,
  repaired_at   timestamptz NOT NULL DEFAULT now(),
  undone_at     timestamptz
);
COMMENT ON TABLE pgportage.repair IS
  'For people: which file takes a repair back (undo), where it is (host), and since when.';

CREATE TABLE pgportage.lag (
  migration  text PRIMARY KEY REFERENCES pgportage.migration ON DELETE CASCADE,
  millis     bigint NOT NULL,
  noted_at   timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE pgportage.round (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  migration        text NOT NULL REFERENCES pgportage.migration ON DELETE CASCADE,
  run_epoch        bigint NOT NULL,
  kind             text NOT NULL,
  terms            text NOT NULL,
  source_sessions  int NOT NULL,
  target_sessions  int NOT NULL,
  held             boolean NOT NULL DEFAULT false,
  failure          text
);

CREATE TABLE pgportage.round_subject (
  round   bigint NOT NULL REFERENCES pgportage.round ON DELETE CASCADE,
  number  int NOT NULL,
  text    text NOT NULL,
  PRIMARY KEY (round, number)
);

CREATE TABLE pgportage.round_chunk (
  round          bigint NOT NULL REFERENCES pgportage.round ON DELETE CASCADE,
  number         int NOT NULL,
  subject        int NOT NULL,
  part           int NOT NULL,
  sides          text NOT NULL,
  attempt        int NOT NULL DEFAULT 0,
  backend_pid    int,
  backend_start  timestamptz,
  outcome        text,
  PRIMARY KEY (round, number)
);
