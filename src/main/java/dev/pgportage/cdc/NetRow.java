package dev.pgportage.cdc;

import dev.pgportage.pgoutput.Tuple;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/**
 * What is known of a row after some changes: each column's newest value, or that it still is what
 * the target has. Immutable.
 */
final class NetRow {
  private final Tuple newest;
  private final @Nullable Tuple @Nullable [] earlier;

  private NetRow(Tuple newest, @Nullable Tuple @Nullable [] earlier) {
    this.newest = newest;
    this.earlier = earlier;
  }

  /** A row that came whole. */
  static NetRow of(Tuple row) {
    return new NetRow(row, null);
  }

  /**
   * A row's new version: values left out of it are those of the version before.
   *
   * @param before what was known of the row until now, if anything
   * @param old the whole former version, if the message had it
   */
  static NetRow merge(Tuple row, @Nullable NetRow before, @Nullable Tuple old) {
    @Nullable Tuple @Nullable [] earlier = null;
    for (int i = 0; i < row.size(); i++) {
      if (row.isUnchanged(i)) {
        Tuple known = before == null ? null : before.source(i);
        if (known == null && old != null && !old.isUnchanged(i)) {
          known = old;
        }
        earlier = earlier == null ? new @Nullable Tuple[row.size()] : earlier;
        earlier[i] = known;
      }
    }
    return new NetRow(row, earlier);
  }

  /** The tuple that holds the column's value; null if it is the one the target has. */
  @Nullable Tuple source(int column) {
    if (!newest.isUnchanged(column)) {
      return newest;
    }
    return earlier == null ? null : earlier[column];
  }

  /**
   * The tuple that holds the column's value.
   *
   * @throws IllegalStateException if it is not known
   */
  Tuple known(int column) {
    Tuple source = source(column);
    if (source == null) {
      throw new IllegalStateException("Column " + column + " has no known value");
    }
    return source;
  }

  /** How many bytes the known values take together. */
  long weight() {
    long weight = newest.weight();
    for (int i = 0; earlier != null && i < earlier.length; i++) {
      Tuple holder = earlier[i];
      weight += holder == null ? 0 : Math.max(0, holder.length(i));
    }
    return weight;
  }

  /** Whether every column's value is known without looking at each. */
  boolean isWhole() {
    return earlier == null;
  }

  /** The number of columns. */
  int size() {
    return newest.size();
  }

  /** The columns whose values are known. */
  BitSet present() {
    var present = new BitSet(newest.size());
    for (int i = 0; i < newest.size(); i++) {
      present.set(i, source(i) != null);
    }
    return present;
  }
}
