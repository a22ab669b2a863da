package dev.pgportage.demo;

import java.time.Duration;
import java.util.List;
import java.util.Set;

/**
 * How a demonstration ended, told by its own count.
 *
 * @param servers which versions were moved between
 * @param tables every table on both sides, as of the moment the target was opened
 * @param freeze how long writes were stopped, by the product's clock
 * @param longestPause the longest time an application's thread was without a commit
 * @param beforeCutover transactions acknowledged by the source
 * @param afterCutover transactions acknowledged by the target
 * @param lost acknowledged transactions that are not on the target
 * @param applicationErrors errors the application should not have seen
 * @param left what is left of the migration on either side after the cleanup
 * @param took the whole demonstration
 */
public record DemoReport(
    String servers,
    List<Table> tables,
    Duration freeze,
    Duration longestPause,
    int beforeCutover,
    int afterCutover,
    int lost,
    List<String> applicationErrors,
    Set<String> left,
    Duration took) {
  /** Copies the collections. */
  public DemoReport {
    tables = List.copyOf(tables);
    applicationErrors = List.copyOf(applicationErrors);
    left = Set.copyOf(left);
  }

  /**
   * One table on both sides.
   *
   * @param name the table
   * @param sourceRows rows on the source
   * @param targetRows rows on the target
   * @param sourceHash a hash over all rows of the source, whatever their order
   * @param targetHash the same of the target
   */
  public record Table(
      String name, long sourceRows, long targetRows, String sourceHash, String targetHash) {
    /** Whether both sides hold the same rows. */
    public boolean equal() {
      return sourceRows == targetRows && sourceHash.equals(targetHash);
    }
  }

  /** Whether everything is as promised. */
  public boolean kept() {
    return lost == 0
        && afterCutover > 0
        && left.isEmpty()
        && applicationErrors.isEmpty()
        && tables.stream().allMatch(Table::equal);
  }
}
