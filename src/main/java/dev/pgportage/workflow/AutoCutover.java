package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.telemetry.Event;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A cutover that waits until everything is favourable, and says what it waits for. */
final class AutoCutover {
  private static final Duration BETWEEN_LOOKS = Duration.ofSeconds(2);

  private final Session session;
  private final Conditions conditions;
  private final Rehearsal rehearsal;
  private final Instant since = Instant.now();
  private Instant quietSince = Instant.now();
  private Instant looked = Instant.MIN;
  private List<String> told = List.of();

  /**
   * When a cutover may begin.
   *
   * @param quietFor how long the lag must have been under cutover.max_lag
   * @param from the beginning of the time of day it may begin in, if there is one
   * @param to that time's end; earlier than its beginning if midnight lies between
   * @param zone whose time of day that is
   * @param patience after how long the request is given up
   */
  record Conditions(
      Duration quietFor,
      Optional<LocalTime> from,
      Optional<LocalTime> to,
      String zone,
      Duration patience) {
    /** Whether it may begin at this time of day. */
    boolean allow(LocalTime now) {
      if (from.isEmpty() || to.isEmpty()) {
        return true;
      }
      boolean afterBegin = !now.isBefore(from.get());
      boolean beforeEnd = now.isBefore(to.get());
      return from.get().isBefore(to.get()) ? afterBegin && beforeEnd : afterBegin || beforeEnd;
    }
  }

  AutoCutover(Session session, Conditions conditions, Rehearsal rehearsal) {
    this.session = session;
    this.conditions = conditions;
    this.rehearsal = rehearsal;
  }

  /**
   * Whether the time has come.
   *
   * @param lag how far the target is behind
   * @throws MigrationException NOT_READY once it was waited for too long
   */
  boolean isDue(Duration lag) throws SQLException {
    Instant now = Instant.now();
    if (lag.compareTo(session.config().cutover().maxLag()) > 0) {
      quietSince = now;
    }
    if (Duration.between(looked, now).compareTo(BETWEEN_LOOKS) < 0) {
      return false;
    }
    looked = now;
    List<String> waits = waits(now);
    if (waits.isEmpty()) {
      return true;
    }
    if (!waits.equals(told)) {
      told = waits;
      session
          .monitor()
          .event(Event.info("cutover.waiting", "The cutover waits: " + String.join("; ", waits)));
    }
    if (Duration.between(since, now).compareTo(conditions.patience) > 0) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "The cutover has waited "
              + conditions.patience.toMinutes()
              + " min in vain: "
              + String.join("; ", waits),
          "See to what it waits for, or cut over without --auto.",
          null);
    }
    return false;
  }

  private List<String> waits(Instant now) throws SQLException {
    var waits = new ArrayList<String>();
    LocalTime time = now.atZone(ZoneId.of(conditions.zone)).toLocalTime();
    if (!conditions.allow(time)) {
      waits.add("until " + conditions.from.orElseThrow() + " (" + conditions.zone + ")");
    }
    if (Duration.between(quietSince, now).compareTo(conditions.quietFor) < 0) {
      waits.add("until the lag has been small for " + conditions.quietFor.toSeconds() + " s");
    }
    if (waits.isEmpty()) {
      waits.addAll(rehearsal.obstacles());
    }
    return waits;
  }
}
