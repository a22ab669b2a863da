package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import java.sql.SQLException;
import java.util.List;

/** What is amiss on the source already and gets worse, or is blamed on the migration, under way. */
final class SourceHealthChecks {
  private static final long SMALLEST_DECODING_MEMORY_KB = 64 << 10;

  private SourceHealthChecks() {}

  static final Check IDLE_SLOTS =
      Check.named("idle-slots", "Slots Nobody Reads", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("Every replication slot but the migration's own is being read.")
          .why("A slot nobody reads keeps WAL until the disk is full, and old rows from vacuum.")
          .fix("`SELECT pg_drop_replication_slot('…')` if its reader is gone for good.")
          .by(SourceHealthChecks::idleSlots);

  static final Check TRANSACTION_AGE =
      Check.named("transaction-age", "Age of the Oldest Transaction", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes(
              "No table's and not the database's oldest transaction is older than"
                  + " `autovacuum_freeze_max_age`.")
          .why(
              "Past it autovacuum freezes whole tables, reading all of them, while rows are copied;"
                  + " and a copy's snapshot holds back the very vacuum that is due.")
          .fix("`VACUUM (FREEZE) …` before the migration.")
          .by(SourceHealthChecks::transactionAge);

  static final Check DECODING_MEMORY =
      Check.named("decoding-memory", "Memory for Decoding", Side.SOURCE)
          .dms("postgres-check-for-logical-decoding-work-mem")
          .when(Scope.REPLICATES)
          .worst(Severity.INFORMS)
          .passes("`logical_decoding_work_mem` is at least 64 MB.")
          .why(
              "Transactions that need more are written to the source's disk while they are decoded.")
          .fix("`ALTER ROLE <migration role> SET logical_decoding_work_mem = '64MB'`")
          .by(
              e -> {
                long kilobytes =
                    e.number("logical_decoding_work_mem").orElse(SMALLEST_DECODING_MEMORY_KB);
                if (kilobytes < SMALLEST_DECODING_MEMORY_KB) {
                  e.found(
                      Severity.INFORMS,
                      List.of("logical_decoding_work_mem"),
                      "logical_decoding_work_mem is " + Names.bytes(kilobytes << 10),
                      "Raise logical_decoding_work_mem to 64MB (reload, or ALTER SYSTEM).");
                }
              });

  static final Check DEAD_ROWS =
      Check.named("dead-rows", "Tables with Many Dead Rows", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("In no table larger than 10,000 rows a fifth or more is dead.")
          .why("Dead rows are read past by every copy and every proof.")
          .fix("`VACUUM …` before the migration.")
          .listsOfTables(
              "A fifth or more of the rows is dead in ",
              """
              SELECT format('%I.%I', schemaname, relname) FROM pg_stat_all_tables
              WHERE relid = ANY (?::oid[]) AND n_live_tup + n_dead_tup > 10000
                AND n_dead_tup * 5 >= n_live_tup + n_dead_tup
              ORDER BY n_dead_tup DESC, 1
              """);

  static final Check NEVER_ANALYZED =
      Check.named("statistics", "Tables Never Analyzed", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("Every table that has rows was analyzed once.")
          .why("How many rows it has is not known, so that the load's progress is a guess by size.")
          .fix("`ANALYZE …`")
          .listsOfTables(
              "Never analyzed: ",
              """
              SELECT format('%I.%I', n.nspname, c.relname)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.oid = ANY (?::oid[]) AND c.relkind = 'r' AND pg_relation_size(c.oid) > 8192
                AND c.relpages = 0 AND c.reltuples <= 0
              ORDER BY 1
              """);

  static final Check COLLATION_VERSIONS =
      Check.named("collation-versions", "Collations of Another Library Version", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes(
              "Every collation in use, and the database's, was last used with the version of the"
                  + " library that is installed.")
          .why(
              "Indexes built under another version may be out of order: the source itself may miss"
                  + " rows and have duplicates which a unique index on the target refuses.")
          .fix(
              "`REINDEX` what depends on it, then `ALTER COLLATION … REFRESH VERSION` (`ALTER"
                  + " DATABASE … REFRESH COLLATION VERSION`).")
          .by(SourceHealthChecks::collationVersions);

  static final Check OTHER_TOOLS =
      Check.named("other-tools", "Leftovers of Other Migration Tools", Side.SOURCE, Side.TARGET)
          .worst(Severity.WARNS)
          .passes(
              "There is no schema, table, event trigger, publication or slot of AWS DMS, pgcopydb,"
                  + " PeerDB, pglogical, pgstream or Bucardo.")
          .why(
              "They may still be at work, hold back WAL, fire on every DDL, or be carried along as"
                  + " if they were the application's.")
          .fix("End that tool's migration with its own clean-up, or exclude its objects.")
          .lists(
              "Leftovers of other tools: ",
              """
              SELECT format('schema %I', nspname) FROM pg_namespace
              WHERE nspname IN ('pgcopydb', '_peerdb_internal', 'pglogical', 'pglogical_origin',
                                'pgstream', 'bucardo')
              UNION ALL
              SELECT format('table %I.%I', n.nspname, c.relname)
              FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE c.relkind = 'r' AND c.relname LIKE 'awsdms\\_%'
              UNION ALL
              SELECT format('event trigger %I', evtname) FROM pg_event_trigger
              WHERE evtname LIKE 'awsdms\\_%' OR evtname LIKE 'pgstream\\_%'
              UNION ALL
              SELECT format('publication %I', pubname) FROM pg_publication
              WHERE pubname LIKE 'awsdms\\_%' OR pubname LIKE 'peerflow\\_pub\\_%'
                OR pubname LIKE 'pgcopydb%'
              UNION ALL
              SELECT format('slot %I', slot_name) FROM pg_replication_slots
              WHERE database = current_database()
                AND (slot_name LIKE 'pgcopydb%' OR slot_name LIKE 'peerflow\\_slot\\_%'
                     OR slot_name LIKE 'pgstream\\_%' OR slot_name LIKE 'pgl\\_%'
                     OR plugin IN ('pglogical_output', 'test_decoding') AND slot_name LIKE '%dms%')
              ORDER BY 1
              """);

  static final Check RESTART_PENDING =
      Check.named("restart-pending", "Settings That Wait for a Restart", Side.SOURCE, Side.TARGET)
          .worst(Severity.INFORMS)
          .passes("No changed setting waits for the server's restart.")
          .why("A restart under way, planned or not, would change how the server behaves.")
          .fix("Restart the server before the migration, or take the changes back.")
          .lists(
              "Wait for a restart: ",
              "SELECT name FROM pg_settings WHERE pending_restart ORDER BY 1");

  private static void idleSlots(Examination e) throws SQLException {
    record Slot(String name, String kept) {}
    List<Slot> idle =
        Sql.query(
            e.connection(),
            """
            SELECT slot_name, pg_size_pretty(
              pg_wal_lsn_diff(CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                                   ELSE pg_current_wal_lsn() END, restart_lsn))
            FROM pg_replication_slots
            WHERE NOT active AND restart_lsn IS NOT NULL AND NOT temporary
              AND slot_name <> ALL (?)
            ORDER BY restart_lsn, slot_name
            """,
            row -> new Slot(row.getString(1), row.getString(2)),
            Names.texts(e.context().replication().slots()));
    if (!idle.isEmpty()) {
      List<String> texts =
          idle.stream().map(slot -> slot.name() + " (keeps " + slot.kept() + ")").toList();
      e.found(
          Severity.WARNS,
          texts,
          "Slots nobody reads: " + Names.some(texts),
          idle.stream()
              .map(slot -> "SELECT pg_drop_replication_slot(" + Quoting.literal(slot.name()) + ");")
              .map(sql -> e.remedy(Order.REPLICATION, sql).noting("if its reader is gone for good"))
              .toList());
    }
  }

  private static void transactionAge(Examination e) throws SQLException {
    List<String> old =
        e.texts(
            """
            SELECT format('VACUUM (FREEZE) %I.%I;', n.nspname, c.relname)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.oid = ANY (?::oid[]) AND c.relkind = 'r'
              AND age(c.relfrozenxid) > current_setting('autovacuum_freeze_max_age')::int8
            ORDER BY age(c.relfrozenxid) DESC, 1
            """,
            Names.array(e.tableOids()));
    if (!old.isEmpty()) {
      e.found(
          Severity.WARNS,
          old.stream()
              .map(sql -> sql.substring("VACUUM (FREEZE) ".length(), sql.length() - 1))
              .toList(),
          Names.count(old.size(), "table") + " due for a vacuum against wraparound",
          old.stream().map(sql -> e.remedy(Order.OBJECTS, sql)).toList());
    }
  }

  private static void collationVersions(Examination e) throws SQLException {
    String database =
        e.session().version().isAtLeast(15)
            ? """
              UNION ALL
              SELECT format('ALTER DATABASE %I REFRESH COLLATION VERSION;', datname)
              FROM pg_database
              WHERE datname = current_database()
                AND datcollversion <> pg_database_collation_actual_version(oid)
              """
            : "";
    List<String> other =
        e.texts(
            """
            SELECT format('ALTER COLLATION %I.%I REFRESH VERSION;', n.nspname, c.collname)
            FROM pg_collation c JOIN pg_namespace n ON n.oid = c.collnamespace
            WHERE c.collversion <> pg_collation_actual_version(c.oid)
              AND EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_collation'::regclass
                          AND d.refobjid = c.oid)
            """
                + database
                + " ORDER BY 1");
    if (!other.isEmpty()) {
      e.found(
          Severity.WARNS,
          other.stream().map(sql -> sql.split(" ", 4)[2]).toList(),
          "Last used with another version of their library: " + other.size(),
          other.stream()
              .map(sql -> e.remedy(Order.OBJECTS, sql).noting("after REINDEX of what sorts by it"))
              .toList());
    }
  }
}
