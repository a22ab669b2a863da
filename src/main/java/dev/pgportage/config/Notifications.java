package dev.pgportage.config;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Who is told what while a migration runs.
 *
 * @param channels the ways on which people are told
 * @param maxLag once it has caught up, a lag that is longer is trouble
 * @param perHour how many messages of trouble one channel carries in an hour at most
 * @param metricsPort the port of loopback on which metrics can be read, if they can
 */
public record Notifications(
    List<ChannelSettings> channels, Duration maxLag, int perHour, Optional<Integer> metricsPort) {
  private static final Duration USUAL_LAG = Duration.ofMinutes(1);
  private static final int USUAL_RATE = 20;

  /** Copies the list. */
  public Notifications {
    channels = List.copyOf(channels);
  }

  /** Nobody is told; the usual limits. */
  public static Notifications none() {
    return new Notifications(List.of(), USUAL_LAG, USUAL_RATE, Optional.empty());
  }
}
