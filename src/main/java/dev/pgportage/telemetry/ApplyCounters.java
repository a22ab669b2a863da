package dev.pgportage.telemetry;

/**
 * What was applied, as the source did it, before netting.
 *
 * @param transactions transactions with at least one change
 * @param inserts rows inserted
 * @param updates rows updated
 * @param deletes rows deleted
 * @param truncates tables truncated
 * @param bytes size of the stream's messages
 */
public record ApplyCounters(
    long transactions, long inserts, long updates, long deletes, long truncates, long bytes) {
  /** Nothing applied. */
  public static final ApplyCounters NONE = new ApplyCounters(0, 0, 0, 0, 0, 0);

  /** The sum of two. */
  public ApplyCounters plus(ApplyCounters other) {
    return new ApplyCounters(
        transactions + other.transactions,
        inserts + other.inserts,
        updates + other.updates,
        deletes + other.deletes,
        truncates + other.truncates,
        bytes + other.bytes);
  }
}
