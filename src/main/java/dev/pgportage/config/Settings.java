package dev.pgportage.config;

import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Ddl;
import dev.pgportage.config.MigrationConfig.Schema.Carry;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Park;
import dev.pgportage.config.MigrationConfig.Schema.Roles;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Every key of the file, in the file's order. */
final class Settings {
  private static final String PATTERN_PART = "(?:\"(?:[^\"]|\"\")*\"|[^\".])+";
  private static final Kind<String> PATTERNS =
      Kind.texts(
          "a list of schema.name patterns, extension:NAME and kind:KIND; * stands for any characters,"
              + " double quotes for names with dots or stars in them",
          "extension:.+|kind:[a-z*-]+|" + PATTERN_PART + "\\." + PATTERN_PART);
  private static final Kind<String> URL =
      Kind.text("postgresql://user@host:5432/database", "(?s).+");

  static final Setting<String> SOURCE =
      Setting.absent(
              "source",
              URL,
              "an error",
              "Where the rows come from: the database's own host and port, not a pooler's.")
          .asFixed();
  static final Setting<String> TARGET =
      Setting.absent("target", URL, "an error", "Where the rows go.").asFixed();
  static final Setting<String> NAME =
      Setting.absent(
              "name",
              Kind.text(
                  "lower-case letters, digits and underscores, at most 40", "[a-z0-9_]{1,40}"),
              "the source database's name, made to fit",
              "Names the slot, the publication (both pgportage_NAME) and the state.")
          .asFixed();
  static final Setting<MigrationConfig.Type> TYPE =
      Setting.of(
              "type",
              Kind.word(MigrationConfig.Type.class),
              "full-load-and-cdc",
              "full-load copies one state of the source and ends; cdc replicates changes onto a"
                  + " target that holds the rows already; full-load-and-cdc copies, then replicates"
                  + " until the cutover.")
          .asFixed();

  static final Setting<Ddl> DDL =
      Setting.of(
          "ddl",
          Kind.word(Ddl.class),
          "pause",
          "What is done when the source's schema changes under way. pause: the changes for the"
              + " target are shown, and wait for 'approve-ddl'; apply: they are made at once; stop:"
              + " the migration ends with SCHEMA_CHANGED. With a schema.mode other than managed it"
              + " always is stop.");

  static final Setting<String> INCLUDE =
      Setting.of(
              "filters.include",
              PATTERNS,
              "[]",
              "Tables and sequences to migrate; without a pattern of theirs all of them. The same for"
                  + " extensions and kinds: see docs/schema.md.")
          .asFixed();
  static final Setting<String> EXCLUDE =
      Setting.of(
              "filters.exclude",
              PATTERNS,
              "[]",
              "Tables and sequences, extensions and kinds to leave out of what is included.")
          .asFixed();

  static final Setting<Mode> SCHEMA_MODE =
      Setting.of(
              "schema.mode",
              Kind.word(Mode.class),
              "managed",
              "managed: pgportage makes the schema from pg_dump's archive, on an empty target;"
                  + " existing: you made it, its tables are empty; truncate: you made it, its"
                  + " tables are emptied first.")
          .asFixed();
  static final Setting<Park> SCHEMA_PARK =
      Setting.of(
              "schema.park",
              Kind.word(Park.class),
              "none",
              "With a schema you made: what of it is dropped before rows are loaded, and made again"
                  + " from its own definition when they are there. See docs/schema.md.")
          .asFixed();

  static final Setting<Carry> OWNERS =
      Setting.of(
              "schema.owners",
              Kind.word(Carry.class),
              "drop",
              "drop: everything on the target is the migration's role's; keep: objects get their"
                  + " owners of the source before the target opens. The migration's role must be a"
                  + " member of each.")
          .asFixed();

  static final Setting<Carry> PRIVILEGES =
      Setting.of(
              "schema.privileges",
              Kind.word(Carry.class),
              "drop",
              "drop: nothing is granted on the target; keep: grants and default privileges are as on"
                  + " the source. Every role they name must be there, or come along.")
          .asFixed();

  static final Setting<Roles> ROLES =
      Setting.of(
              "schema.roles",
              Kind.word(Roles.class),
              "none",
              "none: no role is made; carry: roles that own or may use something in the source's"
                  + " database are made with their memberships, without passwords and without what"
                  + " only a superuser may give. Takes CREATEROLE on the target.")
          .asFixed();

  static final Setting<Long> LOAD_WORKERS =
      Setting.of(
          "load.workers",
          Kind.whole(1, 64),
          "4",
          "Chunks copied at once; each takes one connection on either side.");
  static final Setting<Long> INDEX_WORKERS =
      Setting.of("load.index_workers", Kind.whole(1, 32), "2", "Indexes built at once.");
  static final Setting<Long> INDEX_MEMORY =
      Setting.of(
          "load.index_memory",
          Kind.size("64MB", "1TB"),
          "1GB",
          "What all index builds together may take of the target's memory; never more than its"
              + " shared_buffers, unless its own maintenance_work_mem is more.");
  static final Setting<Long> CHUNK_SIZE =
      Setting.of(
          "load.chunk_size",
          Kind.size("1MB", "64GB"),
          "256MB",
          "About how much of a table is copied in one transaction. With one or two workers, and no"
              + " less than 256MB, tables of up to sixteen times as much are copied whole.");
  static final Setting<Long> MAX_RATE =
      Setting.of(
          "load.max_rate",
          Kind.size("0B", "1TB"),
          "0B",
          "What is read of the source in a second, by all workers together; 0B: as much as it"
              + " gives.");
  static final Setting<Long> KEEP_CONNECTIONS =
      Setting.of(
          "load.keep_connections",
          Kind.whole(0, 1000),
          "3",
          "Connections of the source that stay free: fewer workers copy where there are too few.");
  static final Setting<Duration> MAX_REPLICA_LAG =
      Setting.of(
          "load.max_replica_lag",
          Kind.time("1s", "1d"),
          "30s",
          "Copying pauses while a standby of the source is further behind, if the role may see it"
              + " (pg_read_all_stats).");
  static final Setting<Duration> STOP_REPLICA_LAG =
      Setting.of(
          "load.stop_replica_lag",
          Kind.time("1s", "10d"),
          "10min",
          "The load ends if a standby of the source is further behind.");
  static final Setting<Long> MAX_SNAPSHOT_AGE =
      Setting.of(
          "load.max_snapshot_age",
          Kind.whole(1_000_000, 1_500_000_000),
          "500000000",
          "The load ends if the source has begun more transactions since its snapshot: it cannot"
              + " remove their dead rows meanwhile. At half of it there is a warning.");
  static final Setting<Long> RECOPY_LIMIT =
      Setting.of(
          "load.recopy_limit",
          Kind.size("0B", "1TB"),
          "1GB",
          "How much may be copied again while writes are stopped: unlogged tables, large objects"
              + " and tables without a usable replica identity. With more than that, assess"
              + " blocks.");

  static final Setting<String> SLOT =
      Setting.absent(
              "apply.slot",
              Kind.text(
                  "a slot's name: lower-case letters, digits and underscores, at most 63",
                  "[a-z0-9_]{1,63}"),
              "pgportage_NAME",
              "For type cdc only: an existing slot to begin from, made together with the copy the"
                  + " target holds.")
          .asFixed();
  static final Setting<Long> STREAMS =
      Setting.of(
              "apply.streams",
              Kind.whole(1, 8),
              "1",
              "Among how many slots the tables are divided, each with an applier of its own, for"
                  + " rates of writes that one cannot keep up with. Tables that foreign keys or"
                  + " inheritance tie together where that matters stay in one. What it gives up:"
                  + " the source decodes its WAL once for each, and until a proof or the cutover"
                  + " brings all of them to one position, the target shows states the source never"
                  + " had: a transaction that touched tables of two streams arrives in two pieces.")
          .asFixed();
  static final Setting<Long> BATCH_ROWS =
      Setting.of(
          "apply.batch_rows",
          Kind.whole(1, 10_000_000),
          "100000",
          "Changed rows in one target transaction at most; a larger source transaction stays"
              + " whole.");
  static final Setting<Long> BATCH_SIZE =
      Setting.of(
          "apply.batch_size",
          Kind.size("1MB", "4GB"),
          "64MB",
          "Memory for changes, of all streams together, as much again may wait in front of it: a"
              + " larger source transaction is written in parts, and a quarter of it ends a target"
              + " transaction of several, or half while the target is at work on the one before.");
  static final Setting<Duration> HEARTBEAT =
      Setting.of(
          "apply.heartbeat",
          Kind.time("100ms", "1min"),
          "1s",
          "How often a mark is sent through the source's WAL to measure the lag; no table is"
              + " written.");

  static final Setting<Long> VALIDATION_WORKERS =
      Setting.of(
          "validation.workers",
          Kind.whole(1, 32),
          "2",
          "Tables compared at once, each by one session on either side and the parallel processes that the server allows it (max_parallel_workers_per_gather).");

  static final Setting<Long> VALIDATION_RATE =
      Setting.of(
          "validation.max_rate",
          Kind.size("0B", "1TB"),
          "0B",
          "What is read of tables on each side in a second, by all workers together; 0B: as much as"
              + " the servers give. With a limit no parallel processes read a table.");
  static final Setting<Duration> VALIDATION_EVERY =
      Setting.of(
          "validation.every",
          Kind.time("0s", "7d"),
          "0s",
          "How often what changed since its proof is proven again while the migration is READY; 0s:"
              + " only when asked, and by the cutover.");

  static final Setting<Fence> FENCE =
      Setting.of(
          "cutover.fence",
          Kind.word(Fence.class),
          "database",
          "database: the source database becomes read-only and its sessions are ended; roles: the"
              + " roles in cutover.roles may not log in any more and their sessions are ended;"
              + " external: you stop the application, pgportage proves the silence.");
  static final Setting<String> LOCKED_ROLES =
      Setting.of(
          "cutover.roles",
          Kind.texts("a list of roles, as their names are stored", "(?s).{1,63}"),
          "[]",
          "With a fence by roles: which roles write; [] stands for all that may log in to the"
              + " database, but for superusers, pgportage's own role, the provider's, and those a"
              + " standby logs in as. A role is the server's: it is kept out of its other databases,"
              + " too.");
  static final Setting<Long> HEADROOM =
      Setting.of(
          "cutover.sequence_headroom",
          Kind.whole(0, 1_000_000_000_000L),
          "1000",
          "Values every sequence is set ahead of the source.");
  static final Setting<Duration> MAX_LAG =
      Setting.of(
          "cutover.max_lag",
          Kind.time("1s", "1h"),
          "5s",
          "The lag under which the migration counts as caught up.");
  static final Setting<Duration> DRAIN_TIMEOUT =
      Setting.of(
          "cutover.drain_timeout",
          Kind.time("1s", "1h"),
          "1min",
          "How long the drain may take; after that the source is opened again.");
  static final Setting<Duration> SILENCE =
      Setting.of(
          "cutover.silence",
          Kind.time("1s", "10min"),
          "5s",
          "With an external fence: how long the source must have been quiet.");

  private static final List<Setting<?>> MIGRATION =
      List.of(
          NAME,
          SOURCE,
          TARGET,
          TYPE,
          DDL,
          INCLUDE,
          EXCLUDE,
          SCHEMA_MODE,
          SCHEMA_PARK,
          OWNERS,
          PRIVILEGES,
          ROLES,
          LOAD_WORKERS,
          INDEX_WORKERS,
          INDEX_MEMORY,
          CHUNK_SIZE,
          RECOPY_LIMIT,
          MAX_RATE,
          KEEP_CONNECTIONS,
          MAX_REPLICA_LAG,
          STOP_REPLICA_LAG,
          MAX_SNAPSHOT_AGE,
          SLOT,
          STREAMS,
          BATCH_ROWS,
          BATCH_SIZE,
          HEARTBEAT,
          SpoolKeys.DIRECTORY,
          SpoolKeys.SIZE,
          SpoolKeys.KEEP_FREE,
          SpoolKeys.BEGINS_AT,
          SpoolKeys.WHEN_LOST,
          VALIDATION_WORKERS,
          VALIDATION_RATE,
          VALIDATION_EVERY,
          FENCE,
          LOCKED_ROLES,
          HEADROOM,
          MAX_LAG,
          DRAIN_TIMEOUT,
          SILENCE,
          SwitchSettings.REVERSE,
          SwitchSettings.COMMAND,
          SwitchSettings.WEBHOOK,
          SwitchSettings.HEADER,
          SwitchSettings.TIMEOUT,
          SwitchSettings.PGBOUNCER,
          SwitchSettings.DATABASE,
          SafetySettings.STALL_AFTER,
          SafetySettings.STALL_LIMIT,
          SafetySettings.MAX_WAL,
          SafetySettings.ON_MAX_WAL,
          SafetySettings.MAX_TARGET_SIZE,
          AlertSettings.MAX_LAG,
          AlertSettings.PER_HOUR,
          AlertSettings.METRICS_PORT);

  static final List<Setting<?>> ALL =
      Stream.of(MIGRATION, ExecutorKeys.ALL, WebSettings.ALL)
          .<Setting<?>>flatMap(List::stream)
          .toList();

  /** What each section is about. */
  static final Map<String, String> SECTIONS =
      Map.ofEntries(
          Map.entry("filters", "Which tables and sequences belong to the migration."),
          Map.entry("schema", "How the schema comes to the target."),
          Map.entry("load", "How the full load runs."),
          Map.entry("apply", "How changes are applied."),
          Map.entry("spool", "Where changes wait while the target cannot take them."),
          Map.entry("validation", "How rows are proven."),
          Map.entry("cutover", "How the writes are moved over."),
          Map.entry("safety", "What ends a run before it does harm."),
          Map.entry("alerts", "What counts as trouble."),
          Map.entry("executor", "Where chunks are copied, and summed up in proofs."),
          Map.entry("web", "How the dashboard is served."),
          Map.entry("metrics", "What monitoring systems can read."));

  static final SettingList LIST =
      new SettingList(ALL, SECTIONS, "docs/configuration.md", Set.of(ChannelKeys.LIST));

  private Settings() {}
}
