package dev.pgportage.telemetry;

import dev.pgportage.pg.Lsn;
import java.time.Duration;

/**
 * How far the target is behind the source.
 *
 * @param source the source's current WAL position when measured
 * @param received the last position received from the slot
 * @param applied everything committed before it is on the target
 * @param bytes WAL between the source's position and the applied one
 * @param time age of the newest change known to be applied, end to end; zero when nothing waits
 */
public record Lag(Lsn source, Lsn received, Lsn applied, long bytes, Duration time) {}
