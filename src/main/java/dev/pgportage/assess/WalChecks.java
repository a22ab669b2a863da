package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** Settings of the source without which its WAL cannot be read. */
final class WalChecks {
  /** DMS's threshold: what reads the WAL answers every five seconds. */
  private static final long SHORTEST_TIMEOUT_MILLIS = 10_000;

  /** DMS's threshold. */
  private static final long FEWEST_SENDERS = 2;

  private WalChecks() {}

  static final Check LEVEL =
      Check.named("wal-level", "WAL Level Configuration", Side.SOURCE)
          .dms("postgres-check-wallevel")
          .when(Scope.REPLICATES)
          .code(ErrorCode.SOURCE_NOT_LOGICAL)
          .passes("`wal_level` is `logical`.")
          .why("Only with wal_level=logical does the WAL tell which rows changed.")
          .fix(
              "`ALTER SYSTEM SET wal_level = 'logical'`, then restart the server. RDS and Aurora:"
                  + " `rds.logical_replication = 1` in the (cluster) parameter group, then reboot.")
          .by(WalChecks::level);

  static final Check SLOTS =
      Check.named("replication-slots", "Replication Slots Available", Side.SOURCE)
          .dms("postgres-check-replication-slots-count")
          .when(Scope.REPLICATES)
          .passes(
              "`max_replication_slots` leaves two slots free: the migration's own (not counted if"
                  + " it exists; `apply.streams` of them) and a temporary one for the exact"
                  + " validation.")
          .why("The slot keeps the WAL the target still needs; validation takes a second one.")
          .fix("Raise `max_replication_slots` (restart), or drop slots nobody reads.")
          .by(WalChecks::slots);

  static final Check SENDERS =
      Check.named("wal-senders", "Maximum WAL Senders", Side.SOURCE)
          .dms("postgres-check-maxwalsenders")
          .when(Scope.REPLICATES)
          .passes(
              "`max_wal_senders` is at least 2, and two senders are free, or one more than"
                  + " `apply.streams`.")
          .why("Each session that reads a slot takes a WAL sender: the stream and the validation.")
          .fix("Raise `max_wal_senders` (restart).")
          .by(WalChecks::senders);

  static final Check SENDER_TIMEOUT =
      Check.named("wal-sender-timeout", "WAL Sender Timeout", Side.SOURCE)
          .dms("postgres-check-walsenderstimeout")
          .when(Scope.REPLICATES)
          .passes(
              "`wal_sender_timeout`, as the migration's role gets it, is at least 10 seconds, or 0,"
                  + " which means no timeout.")
          .why("With a shorter timeout the server cuts the stream whenever the network hesitates.")
          .fix("`ALTER ROLE <migration role> SET wal_sender_timeout = '60s'`: no restart needed.")
          .by(WalChecks::senderTimeout);

  static final Check KEEP_SIZE =
      Check.named("slot-wal-limit", "Limit of WAL Kept for Slots", Side.SOURCE)
          .dms("postgres-check-maxslot-wal-keep-size")
          .when(Scope.REPLICATES)
          .worst(Severity.WARNS)
          .code(ErrorCode.SLOT_LOST)
          .passes("`max_slot_wal_keep_size` is -1 and `idle_replication_slot_timeout` is 0.")
          .why(
              "Past either limit the server removes WAL the slot still needs, and the migration"
                  + " starts anew.")
          .fix(
              "Make the limit larger than the WAL written during the full load and the longest"
                  + " pause you plan, or remove it for the migration.")
          .by(WalChecks::keepSize);

  static final Check PREPARED =
      Check.named("prepared-transactions", "Prepared Transactions", Side.SOURCE)
          .dms("postgres-check-preparedtxn")
          .when(Scope.REPLICATES)
          .passes("No transaction is prepared on the server, in whatever database.")
          .why(
              "Making a slot waits for every open transaction, and a prepared one stays open until"
                  + " somebody ends it.")
          .fix("`COMMIT PREPARED '…'` or `ROLLBACK PREPARED '…'` in the transaction's database.")
          .by(WalChecks::prepared);

  static final Check LONG_TRANSACTIONS = longTransactions(Duration.ofMinutes(10));

  private static void level(Examination e) throws SQLException {
    String level = e.setting("wal_level").orElse("unknown");
    if (!level.equals("logical")) {
      restart(e, List.of("wal_level"), "wal_level is " + level, "wal_level", "'logical'");
    }
  }

  /** Adds a finding that a setting mends which needs the server's restart. */
  private static void restart(
      Examination e, List<String> objects, String what, String setting, String value) {
    Optional<String> words = e.session().profile().restartFix(setting, value);
    if (words.isPresent()) {
      e.found(Severity.BLOCKS, objects, what, words.get());
    } else {
      e.found(
          Severity.BLOCKS,
          objects,
          what,
          List.of(
              e.remedy(Order.RESTART, "ALTER SYSTEM SET " + setting + " = " + value + ";")
                  .noting("as superuser, then restart the server")));
    }
  }

  private static void slots(Examination e) throws SQLException {
    long max = e.number("max_replication_slots").orElse(0L);
    List<String> slots =
        e.texts("SELECT slot_name FROM pg_replication_slots ORDER BY active, slot_name");
    AssessmentContext.Replication names = e.context().replication();
    // Once they are made, there may be fewer than apply.streams allows.
    Collection<String> own = names.ownSlots().isEmpty() ? names.slots() : names.ownSlots();
    boolean given = e.config().apply().slot().isPresent();
    long missing =
        own.stream().filter(s -> !names.ownSlots().contains(s) || !slots.contains(s)).count();
    long needed = given ? 1 : 1 + missing;
    long free = max - slots.size();
    if (free < needed) {
      restart(
          e,
          slots,
          "max_replication_slots is %d and %d are taken; %d free ones are needed"
              .formatted(max, slots.size(), needed),
          "max_replication_slots",
          String.valueOf(slots.size() + needed));
    }
  }

  private static void senders(Examination e) throws SQLException {
    long max = e.number("max_wal_senders").orElse(0L);
    long taken =
        Sql.queryLong(
            e.connection(),
            """
            SELECT count(*) FROM pg_stat_replication r
            WHERE NOT EXISTS (SELECT FROM pg_replication_slots s
                               WHERE s.active_pid = r.pid AND s.slot_name = ANY (?))
            """,
            Names.texts(e.context().replication().ownSlots()));
    long needed = FEWEST_SENDERS + e.config().apply().streams() - 1;
    if (max < needed || max - taken < needed) {
      restart(
          e,
          List.of("max_wal_senders"),
          "max_wal_senders is %d and %d are at work; %d free ones are needed"
              .formatted(max, taken, needed),
          "max_wal_senders",
          String.valueOf(taken + needed));
    }
  }

  private static void senderTimeout(Examination e) throws SQLException {
    long millis = e.number("wal_sender_timeout").orElse(0L);
    String role = "ALTER ROLE " + e.roleSql() + " IN DATABASE " + e.databaseSql();
    if (millis != 0 && millis < SHORTEST_TIMEOUT_MILLIS) {
      e.found(
          Severity.BLOCKS,
          List.of("wal_sender_timeout"),
          "wal_sender_timeout is %d ms, below %d".formatted(millis, SHORTEST_TIMEOUT_MILLIS),
          List.of(
              e.remedy(Order.SETTINGS, role + " SET wal_sender_timeout = '60s';")
                  .safelyUndoneBy(role + " RESET wal_sender_timeout;")));
    }
  }

  private static void keepSize(Examination e) throws SQLException {
    long megabytes = e.number("max_slot_wal_keep_size").orElse(-1L);
    if (megabytes >= 0) {
      e.found(
          Severity.WARNS,
          List.of("max_slot_wal_keep_size"),
          "A slot may hold back %s of WAL at most".formatted(Names.bytes(megabytes << 20)),
          List.of(unlimited(e, "max_slot_wal_keep_size", megabytes + "MB", "-1")));
    }
    long idle = e.number("idle_replication_slot_timeout").orElse(0L);
    if (idle > 0) {
      e.found(
          Severity.WARNS,
          List.of("idle_replication_slot_timeout"),
          "A slot nobody reads is invalidated after " + idle + " seconds",
          List.of(unlimited(e, "idle_replication_slot_timeout", idle + "s", "0")));
    }
  }

  private static Remedy unlimited(Examination e, String setting, String former, String unlimited) {
    String alter = "ALTER SYSTEM SET " + setting + " = %s; SELECT pg_reload_conf();";
    return new Remedy(
        e.side(),
        Order.SETTINGS,
        alter.formatted(unlimited),
        Optional.of(alter.formatted("'" + former + "'")),
        false,
        "as superuser; watch the disk meanwhile");
  }

  private static void prepared(Examination e) throws SQLException {
    List<String> prepared =
        e.texts(
            """
            SELECT format('%L in database %I, prepared %s', gid, database, prepared)
            FROM pg_prepared_xacts ORDER BY prepared
            """);
    if (!prepared.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          prepared,
          Names.count(prepared.size(), "prepared transaction") + " open: " + Names.some(prepared),
          Sql.query(
              e.connection(),
              """
              SELECT format('ROLLBACK PREPARED %L;', gid), quote_ident(database)
              FROM pg_prepared_xacts ORDER BY prepared
              """,
              row ->
                  e.remedy(Order.SESSIONS, row.getString(1))
                      .noting("or COMMIT PREPARED, in database " + row.getString(2))));
    }
  }

  /** The check for transactions that have been open for longer than so long. */
  static Check longTransactions(Duration limit) {
    return Check.named("long-transactions", "Long-Running Transactions", Side.SOURCE)
        .dms("postgres-check-longrunningtxn")
        .when(Scope.REPLICATES)
        .worst(Severity.WARNS)
        .passes("No transaction on the server has been open for more than ten minutes.")
        .why("Making a slot waits until every transaction that was open has ended.")
        .fix(
            "Let it end, or end its session: `SELECT pg_terminate_backend(<pid>)`. To see the"
                + " sessions of other roles: `GRANT pg_read_all_stats TO <migration role>`.")
        .by(e -> longTransactions(e, limit));
  }

  private static void longTransactions(Examination e, Duration limit) throws SQLException {
    List<String> pids =
        e.texts(
            """
            SELECT pid::text FROM pg_stat_activity
            WHERE xact_start < clock_timestamp() - make_interval(secs => ?)
              AND (backend_xid IS NOT NULL OR backend_xmin IS NOT NULL OR state <> 'idle')
              AND backend_type IS DISTINCT FROM 'walsender'
              AND pid <> pg_backend_pid()
            ORDER BY xact_start
            """,
            limit.toSeconds());
    if (!pids.isEmpty()) {
      e.found(
          Severity.WARNS,
          pids.stream().map(pid -> "pid " + pid).toList(),
          Names.count(pids.size(), "transaction")
              + " open for more than "
              + limit.toMinutes()
              + " minutes",
          pids.stream()
              .map(pid -> e.remedy(Order.SESSIONS, "SELECT pg_terminate_backend(" + pid + ");"))
              .map(remedy -> remedy.noting("or let it end"))
              .toList());
    }
    // The start of other roles' transactions is shown to members of pg_read_all_stats only.
    if (!e.hasPrivilegesOf("pg_read_all_stats")) {
      e.unknown(
          "the role " + e.roleSql() + " may not see the transactions of other roles",
          e.grant("pg_read_all_stats"));
    }
  }
}
