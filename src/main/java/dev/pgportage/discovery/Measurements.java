package dev.pgportage.discovery;

import dev.pgportage.pg.QualifiedName;
import java.time.Duration;
import java.util.List;

/**
 * What was timed, so that durations can be reckoned.
 *
 * @param sourceRoundTrip one question and its answer, the middle one of several
 * @param targetRoundTrip the same on the target
 * @param reading rows copied from the source and thrown away
 * @param hashing rows hashed inside the source
 * @param sending bytes a second that one connection sends to the target
 * @param sorting keys a second that one session of the target sorts
 * @param cores processors of the machine pgportage runs on
 */
public record Measurements(
    Duration sourceRoundTrip,
    Duration targetRoundTrip,
    Reading<Sample> reading,
    Reading<Sample> hashing,
    Reading<Double> sending,
    Reading<Double> sorting,
    int cores) {

  /**
   * Rows that were read for the sake of a measurement.
   *
   * @param tables of which tables: the largest ones
   * @param rows how many rows
   * @param diskBytes about what they take on disk
   * @param streamBytes what they were on the wire; as on disk where they never were on it
   * @param took how long it took, one connection
   */
  public record Sample(
      List<QualifiedName> tables, long rows, long diskBytes, long streamBytes, Duration took) {
    /** Copies the list. */
    public Sample {
      tables = List.copyOf(tables);
    }

    /** Bytes on disk a second. */
    public double rate() {
      return diskBytes * 1e9 / Math.max(1, took.toNanos());
    }

    /** Bytes on the wire for a byte on disk. */
    public double expansion() {
      return diskBytes == 0 ? 1 : (double) streamBytes / diskBytes;
    }

    Sample plus(Sample other) {
      var both = new java.util.ArrayList<>(tables);
      both.addAll(other.tables);
      return new Sample(
          both,
          rows + other.rows,
          diskBytes + other.diskBytes,
          streamBytes + other.streamBytes,
          took.plus(other.took));
    }
  }
}
