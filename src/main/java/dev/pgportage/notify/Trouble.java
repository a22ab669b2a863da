package dev.pgportage.notify;

import dev.pgportage.config.NoticeKind;
import dev.pgportage.telemetry.Event;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** A sort of trouble, with the words people are told of it. */
enum Trouble {
  LAG(
      NoticeKind.LAG,
      "lag",
      "lag over limit",
      "the lag is over",
      "The target falls behind the source: its changes come faster than they are applied, or"
          + " something holds applying up. A cutover is refused as long as the lag is over"
          + " cutover.max_lag; the source keeps more and more WAL.",
      Steps.STATUS,
      Steps.of("Look for locks and load on the target, and for a bulk change on the source.")),
  STALL(
      NoticeKind.STALL,
      "stall",
      "does not move on",
      "goes on",
      "Nothing was lost, but nothing goes on either until what it waits for ends.",
      Steps.STATUS),
  SLOT_WAITS(
      NoticeKind.STALL,
      "slot",
      "waits for old transactions",
      "goes on",
      "A slot can begin only when every transaction older than it has ended. Until then nothing is"
          + " loaded.",
      new Notice.Step(
          "End the forgotten session on the source, if it may be ended:",
          "SELECT pg_terminate_backend(PID)")),
  RETRIES(
      NoticeKind.STALL,
      "retry",
      "fails again and again",
      "goes on",
      "It is tried again with growing pauses, and given up after some minutes. Nothing that was"
          + " committed is lost.",
      Steps.STATUS),
  OLD_SNAPSHOT(
      NoticeKind.WAL,
      "snapshot",
      "the load's snapshot is old",
      "the load is over",
      "The source cannot remove dead rows while the load reads its snapshot: its tables and indexes"
          + " grow. At the limit the load ends, and begins anew later.",
      Steps.STATUS),
  MUCH_WAL(
      NoticeKind.WAL,
      "gauge:wal-retained",
      "the source keeps much WAL",
      Steps.DANGER_OVER,
      "What the source keeps for the migration comes near to its limit (safety.max_wal, or what its"
          + " max_slot_wal_keep_size leaves). At the limit the migration stops rather than fill the"
          + " source's disk.",
      Steps.STATUS,
      Steps.GIVE_UP),
  OLD_STATE(
      NoticeKind.WAL,
      "gauge:snapshot-age",
      "the source cannot remove dead rows",
      Steps.DANGER_OVER,
      "As long as the migration reads an old state of the source, its tables and indexes grow. At"
          + " load.max_snapshot_age the migration stops.",
      Steps.STATUS,
      Steps.GIVE_UP),
  OLD_SLOT(
      NoticeKind.WAL,
      "gauge:slot-xmin-age",
      "the source cannot clean its catalog",
      Steps.DANGER_OVER,
      "As long as the slot does not move on, the source keeps dead rows of its catalog. At"
          + " load.max_snapshot_age the migration stops.",
      Steps.STATUS,
      Steps.GIVE_UP),
  FEW_CONNECTIONS(
      NoticeKind.WAL,
      "gauge:connections",
      "the source has few connections left",
      Steps.DANGER_OVER,
      "Fewer workers copy, so that the application gets its connections; the migration goes on.",
      Steps.STATUS),
  STANDBY_BEHIND(
      NoticeKind.WAL,
      "gauge:replica-lag",
      "a standby of the source is behind",
      Steps.DANGER_OVER,
      "Copying and comparing wait until it has caught up (load.max_replica_lag); at"
          + " load.stop_replica_lag the migration stops.",
      Steps.STATUS),
  TARGET_FILLS(
      NoticeKind.WAL,
      "gauge:target-size",
      "the target grows near its limit",
      Steps.DANGER_OVER,
      "At safety.max_target_size the migration stops rather than fill the target's disk.",
      Steps.STATUS),
  SPOOL_FULL(
      NoticeKind.WAL,
      "spool",
      "the spool is full",
      "the spool takes changes again",
      "Changes that the target cannot take yet have no more room on this machine, so from here on the"
          + " source keeps them as WAL. Nothing is lost.",
      Steps.of("Make room there, or raise spool.max_size; and watch the source's disk."),
      Steps.STATUS),
  NO_SPOOL(
      NoticeKind.WAL,
      "no-spool",
      "there is no spool",
      "there is a spool",
      "The source keeps every change as WAL until the target has taken it, also while rows are"
          + " loaded. Nothing is lost.",
      Steps.of("Name a directory with room as spool.directory."),
      Steps.STATUS),
  SPOOL_LOST(
      NoticeKind.STALL,
      "spool-lost",
      "all tables are loaded again",
      "loaded again",
      "Changes that were only in a spool are gone, so what the target has cannot be continued. Because"
          + " spool.when_lost is reload, every table is loaded again; nothing is lost, but it takes as"
          + " long as the first time.",
      Steps.STATUS),
  DIFFERENCE(
      NoticeKind.DIFFERENCE,
      "difference",
      "rows DIFFER",
      "rows are equal",
      "Both sides were compared at one moment and do not hold the same rows. That is no delay of"
          + " replication: somebody else writes to the target, or it is a defect of pgportage. There is"
          + " no cutover while rows differ.",
      new Notice.Step("All tables, with the keys of differing rows:", "pgportage validate"),
      Steps.of("Find out who else writes to the target, and stop it.")),
  SCHEMA_CHANGE(
      NoticeKind.DDL,
      "ddl",
      "schema change waits for you",
      "schema change made",
      "Replication waits at the change, so the lag grows and the source keeps WAL until the change is"
          + " made on the target.",
      new Notice.Step("To see every statement, and approve them:", "pgportage approve-ddl")),
  NOT_SWITCHED(
      NoticeKind.FAILED,
      "switch",
      "not all clients were switched",
      "all clients are switched",
      "The writes have moved, and nothing goes back: clients that were not led to the new side get"
          + " errors when they write.",
      new Notice.Step(
          "Lead those named above there by hand, or let it be tried again:", "pgportage migrate"));

  /** What is told to do more than once. */
  private static final class Steps {
    static final String DANGER_OVER = "danger is over";
    static final Notice.Step STATUS = new Notice.Step("To see more:", "pgportage status");
    static final Notice.Step GIVE_UP =
        new Notice.Step("To give the migration up and free the source:", "pgportage cleanup");

    private Steps() {}

    static Notice.Step of(String text) {
      return new Notice.Step(text, "");
    }
  }

  private final NoticeKind kind;
  private final String topic;
  private final String headline;
  private final String afterwards;
  private final String means;

  @SuppressWarnings("ImmutableEnumChecker") // Made by List.of, of records of texts.
  private final List<Notice.Step> next;

  Trouble(
      NoticeKind kind,
      String topic,
      String headline,
      String afterwards,
      String means,
      Notice.Step... next) {
    this.kind = kind;
    this.topic = topic;
    this.headline = headline;
    this.afterwards = afterwards;
    this.means = means;
    this.next = List.of(next);
  }

  /**
   * That a gauge, which an event's message begins with, tells of; empty if it is told otherwise.
   */
  static Optional<Trouble> ofGauge(Event event) {
    String topic = "gauge:" + event.message().replaceFirst(" .*", "");
    return Arrays.stream(values()).filter(trouble -> trouble.topic.equals(topic)).findFirst();
  }

  /** What it is about: told once until it ends. */
  String topic() {
    return topic;
  }

  /** That it has begun. */
  Notice begun(Event event) {
    return new Notice(kind, topic, false, event.at(), headline, sentence(event), means, next);
  }

  /** That it has ended. */
  Notice over(Event event) {
    return new Notice(
        kind,
        topic,
        true,
        event.at(),
        afterwards,
        sentence(event),
        "What an earlier message told is over; nothing need be done.",
        List.of());
  }

  private static String sentence(Event event) {
    String message = event.message().strip();
    return message.endsWith(".") ? message : message + ".";
  }
}
