package dev.pgportage.telemetry;

import java.util.concurrent.atomic.LongAdder;

/**
 * A running total of work done against what was planned: rows and bytes. Thread-safe; any number of
 * workers add, anybody reads.
 */
public final class Progress {
  private final long plannedRows;
  private final long plannedBytes;
  private final LongAdder rows = new LongAdder();
  private final LongAdder bytes = new LongAdder();
  private final long startedNanos = System.nanoTime();

  /**
   * Nothing done yet.
   *
   * @param plannedRows how many rows are expected, an estimate
   * @param plannedBytes how many bytes are expected, an estimate
   */
  public Progress(long plannedRows, long plannedBytes) {
    this.plannedRows = plannedRows;
    this.plannedBytes = plannedBytes;
  }

  /** Adds finished rows. */
  public void addRows(long count) {
    rows.add(count);
  }

  /** Adds moved bytes. */
  public void addBytes(long count) {
    bytes.add(count);
  }

  /** Where the work stands now. */
  public Reading read() {
    double seconds = (System.nanoTime() - startedNanos) / 1e9;
    return new Reading(rows.sum(), plannedRows, bytes.sum(), plannedBytes, seconds);
  }

  /**
   * The totals at one moment.
   *
   * @param rows rows done
   * @param plannedRows rows expected, an estimate
   * @param bytes bytes done
   * @param plannedBytes bytes expected, an estimate
   * @param seconds time since the start
   */
  public record Reading(
      long rows, long plannedRows, long bytes, long plannedBytes, double seconds) {
    /** Bytes per second since the start. */
    public double bytesPerSecond() {
      return seconds <= 0 ? 0 : bytes / seconds;
    }

    /** Rows per second since the start. */
    public double rowsPerSecond() {
      return seconds <= 0 ? 0 : rows / seconds;
    }

    /** Share of the bytes done, between 0 and 1. */
    public double share() {
      return plannedBytes <= 0 ? 1 : Math.min(1, (double) bytes / plannedBytes);
    }

    /** Seconds left at the present rate; negative if it cannot be told yet. */
    public double secondsLeft() {
      double rate = bytesPerSecond();
      return rate <= 0 ? -1 : Math.max(0, plannedBytes - bytes) / rate;
    }
  }
}
