package dev.pgportage.notify;

import dev.pgportage.config.NoticeKind;
import dev.pgportage.notify.Wording.End;
import dev.pgportage.notify.Wording.Say;
import dev.pgportage.notify.Wording.Told;
import dev.pgportage.telemetry.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which events begin and end trouble: something that somebody should look at while the migration
 * goes on. What may pass by itself is told once it has lasted. Not thread-safe.
 */
final class Troubles {
  private static final Duration LASTING = Duration.ofMinutes(1);
  private static final Notice.Step STATUS = new Notice.Step("To see more:", "pgportage status");

  private final Map<String, Instant> since = new HashMap<>();

  /** What follows of an event; usually nothing. */
  List<Told> of(Event event) {
    return switch (event.kind()) {
      case "lag.high" -> List.of(new Say(lag(event)));
      case "lag.normal" -> over(event, NoticeKind.LAG, "lag", "the lag is over");
      case "stall.begun" -> List.of(new Say(stall(event)));
      case "stall.ended" -> over(event, NoticeKind.STALL, "stall", "goes on");
      case "slot.waiting" -> lasting("slot", event, slot(event));
      case "slot.made" -> ended("slot", event, NoticeKind.STALL, "goes on");
      case "attempt.failed", "step.retry" -> lasting("retry", event, retry(event));
      case "load.old-snapshot" -> List.of(new Say(snapshot(event)));
      case "validation.difference" -> List.of(new Say(difference(event)));
      case "ddl.pending" -> List.of(new Say(ddl(event)));
      case "ddl.followed" -> over(event, NoticeKind.DDL, "ddl", "schema change made");
      default -> governed(event);
    };
  }

  /** Work has gone on: what failed again and again does no longer. */
  List<Told> progress(Event event) {
    return ended("retry", event, NoticeKind.STALL, "goes on");
  }

  /** Something wants the source to be spared; the levels tell whether it begins or ends. */
  private static List<Told> governed(Event event) {
    boolean begins = event.level() != Event.Level.INFO;
    if (event.kind().startsWith("governor.") || event.kind().startsWith("wal.")) {
      return begins
          ? List.of(new Say(wal(event)))
          : over(event, NoticeKind.WAL, "wal", "the source is out of danger");
    }
    if (event.kind().startsWith("spool.") && begins) {
      return List.of(new Say(wal(event)));
    }
    return List.of();
  }

  private List<Told> lasting(String topic, Event event, Notice notice) {
    Instant first = since.computeIfAbsent(topic, _ -> event.at());
    return Duration.between(first, event.at()).compareTo(LASTING) < 0
        ? List.of()
        : List.of(new Say(notice));
  }

  private List<Told> ended(String topic, Event event, NoticeKind kind, String headline) {
    since.remove(topic);
    return over(event, kind, topic, headline);
  }

  private static List<Told> over(Event event, NoticeKind kind, String topic, String headline) {
    return List.of(
        new End(
            topic,
            Optional.of(
                new Notice(
                    kind,
                    topic,
                    true,
                    event.at(),
                    headline,
                    sentence(event),
                    "What an earlier message told is over; nothing need be done.",
                    List.of()))));
  }

  private static Notice lag(Event event) {
    return begun(
        event,
        NoticeKind.LAG,
        "lag",
        "lag over limit",
        "The target falls behind the source: its changes come faster than they are applied, or"
            + " something holds applying up. A cutover is refused as long as the lag is over"
            + " cutover.max_lag; the source keeps more and more WAL.",
        List.of(
            STATUS,
            new Notice.Step(
                "Look for locks and load on the target, and for a bulk change on the source.",
                "")));
  }

  private static Notice stall(Event event) {
    return begun(
        event,
        NoticeKind.STALL,
        "stall",
        "does not move on",
        "Nothing was lost, but nothing goes on either until what it waits for ends.",
        List.of(STATUS));
  }

  private static Notice slot(Event event) {
    return begun(
        event,
        NoticeKind.STALL,
        "slot",
        "waits for old transactions",
        "A slot can begin only when every transaction older than it has ended. Until then nothing is"
            + " loaded.",
        List.of(
            new Notice.Step(
                "End the forgotten session on the source, if it may be ended:",
                "SELECT pg_terminate_backend(PID)")));
  }

  private static Notice retry(Event event) {
    return begun(
        event,
        NoticeKind.STALL,
        "retry",
        "fails again and again",
        "It is tried again with growing pauses, and given up after some minutes. Nothing that was"
            + " committed is lost.",
        List.of(STATUS));
  }

  private static Notice snapshot(Event event) {
    return begun(
        event,
        NoticeKind.WAL,
        "snapshot",
        "the load's snapshot is old",
        "The source cannot remove dead rows while the load reads its snapshot: its tables and"
            + " indexes grow. At the limit the load ends, and begins anew later.",
        List.of(STATUS));
  }

  private static Notice wal(Event event) {
    return begun(
        event,
        NoticeKind.WAL,
        "wal",
        "the source is in danger",
        "What the source keeps for the migration comes near to its limit. At the limit the migration"
            + " stops rather than fill the source's disk.",
        List.of(
            STATUS,
            new Notice.Step("To give the migration up and free the source:", "pgportage cleanup")));
  }

  private static Notice difference(Event event) {
    return begun(
        event,
        NoticeKind.DIFFERENCE,
        NoticeKind.DIFFERENCE.toString(),
        "rows DIFFER",
        "Both sides were compared at one moment and do not hold the same rows. That is no delay of"
            + " replication: somebody else writes to the target, or it is a defect of pgportage."
            + " There is no cutover while rows differ.",
        List.of(
            new Notice.Step("All tables, with the keys of differing rows:", "pgportage validate"),
            new Notice.Step("Find out who else writes to the target, and stop it.", "")));
  }

  private static Notice ddl(Event event) {
    return begun(
        event,
        NoticeKind.DDL,
        "ddl",
        "schema change waits for you",
        "Replication waits at the change, so the lag grows and the source keeps WAL until the change"
            + " is made on the target.",
        List.of(
            new Notice.Step("To see every statement, and approve them:", "pgportage approve-ddl")));
  }

  private static Notice begun(
      Event event,
      NoticeKind kind,
      String topic,
      String headline,
      String means,
      List<Notice.Step> next) {
    return new Notice(kind, topic, false, event.at(), headline, sentence(event), means, next);
  }

  private static String sentence(Event event) {
    String message = event.message().strip();
    return message.endsWith(".") ? message : message + ".";
  }
}
