package dev.pgportage.notify;

import dev.pgportage.notify.Wording.End;
import dev.pgportage.notify.Wording.Say;
import dev.pgportage.notify.Wording.Told;
import dev.pgportage.telemetry.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which events begin and end trouble: something that somebody should look at while the migration
 * goes on. What may pass by itself is told once it has lasted. Not thread-safe.
 *
 * <p>What another message tells is passed over: a run that a limit ends has failed, and copying or
 * comparing wait because of a standby whose gauge is told.
 */
final class Troubles {
  private static final Duration LASTING = Duration.ofMinutes(1);

  private final Map<Trouble, Instant> since = new EnumMap<>(Trouble.class);

  /** What follows of an event; usually nothing. */
  List<Told> of(Event event) {
    return switch (event.kind()) {
      case "lag.high" -> begun(Trouble.LAG, event);
      case "lag.normal" -> over(Trouble.LAG, event);
      case "stall.begun" -> begun(Trouble.STALL, event);
      case "stall.ended" -> over(Trouble.STALL, event);
      case "slot.waiting" -> lasting(Trouble.SLOT_WAITS, event);
      case "slot.made" -> over(Trouble.SLOT_WAITS, event);
      case "step.retry", "spool.interrupted" -> lasting(Trouble.RETRIES, event);
      case "load.old-snapshot" -> begun(Trouble.OLD_SNAPSHOT, event);
      case "replication.begun" -> over(Trouble.OLD_SNAPSHOT, event);
      case "governor.warning" ->
          Trouble.ofGauge(event).map(trouble -> begun(trouble, event)).orElse(List.of());
      case "governor.eased" ->
          Trouble.ofGauge(event).map(trouble -> over(trouble, event)).orElse(List.of());
      case "spool.full" -> begun(Trouble.SPOOL_FULL, event);
      case "spool.room", "spool.drained" -> over(Trouble.SPOOL_FULL, event);
      case "spool.unavailable" -> begun(Trouble.NO_SPOOL, event);
      case "spool.begun" -> over(Trouble.NO_SPOOL, event);
      case "spool.lost" -> begun(Trouble.SPOOL_LOST, event);
      case "validation.difference" -> begun(Trouble.DIFFERENCE, event);
      case "ddl.pending" -> begun(Trouble.SCHEMA_CHANGE, event);
      case "ddl.followed" -> over(Trouble.SCHEMA_CHANGE, event);
      case "switch.failed" -> begun(Trouble.NOT_SWITCHED, event);
      default -> List.of();
    };
  }

  /** Work has gone on: what failed again and again does no longer. */
  List<Told> progress(Event event) {
    return over(Trouble.RETRIES, event);
  }

  private static List<Told> begun(Trouble trouble, Event event) {
    return List.of(new Say(trouble.begun(event)));
  }

  private List<Told> lasting(Trouble trouble, Event event) {
    Instant first = since.computeIfAbsent(trouble, _ -> event.at());
    return Duration.between(first, event.at()).compareTo(LASTING) < 0
        ? List.of()
        : begun(trouble, event);
  }

  private List<Told> over(Trouble trouble, Event event) {
    since.remove(trouble);
    return List.of(new End(trouble.topic(), Optional.of(trouble.over(event))));
  }
}
