package dev.pgportage.notify;

import dev.pgportage.telemetry.Event;
import dev.pgportage.telemetry.Lag;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Tells when the lag goes over its limit and when it is below it again. A migration that has not
 * caught up yet, or was stopped for a while, is behind without anything being wrong: it is given
 * time. Thread-safe.
 */
final class LagAlarm {
  private static final Duration TIME_TO_CATCH_UP = Duration.ofMinutes(10);

  private enum State {
    /** Not caught up yet; nothing is told. */
    BEHIND,
    /** It should have caught up: from now on it has some time to. */
    EXPECTED,
    /** Below the limit. */
    NORMAL,
    /** Over the limit, and told. */
    HIGH
  }

  private final Duration limit;
  private State state = State.BEHIND;
  private @Nullable Instant expectedSince;

  LagAlarm(Duration limit) {
    this.limit = limit;
  }

  /** Learns how far the migration is. */
  synchronized void hear(Event event) {
    if (state == State.BEHIND
        && (event.kind().equals("catch-up.done") || event.kind().equals("ready"))) {
      state = State.EXPECTED;
      expectedSince = event.at();
    }
  }

  /** What the lag is reason to tell, if anything. */
  synchronized Optional<Event> judge(Lag lag, Instant now) {
    boolean over = lag.time().compareTo(limit) > 0;
    State former = state;
    state =
        switch (former) {
          case BEHIND -> State.BEHIND;
          case EXPECTED -> over && !isLate(now) ? State.EXPECTED : judged(over);
          case NORMAL, HIGH -> judged(over);
        };
    if (state == former || state == State.BEHIND) {
      return Optional.empty();
    }
    return Optional.of(state == State.HIGH ? high(lag) : normal(lag));
  }

  private static State judged(boolean over) {
    return over ? State.HIGH : State.NORMAL;
  }

  private boolean isLate(Instant now) {
    return expectedSince != null
        && Duration.between(expectedSince, now).compareTo(TIME_TO_CATCH_UP) > 0;
  }

  private Event high(Lag lag) {
    return Event.warning(
        "lag.high",
        "The lag is %d s (%d bytes of WAL), more than alerts.max_lag (%d s)"
            .formatted(lag.time().toSeconds(), lag.bytes(), limit.toSeconds()));
  }

  private static Event normal(Lag lag) {
    return Event.info("lag.normal", "The lag is " + lag.time().toMillis() + " ms");
  }
}
