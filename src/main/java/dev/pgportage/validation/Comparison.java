package dev.pgportage.validation;

import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import java.util.List;

/**
 * What the comparison of one table found.
 *
 * <p>The keys are values of the user's: for the terminal and the report the user asked for, never
 * for messages, logs or the state.
 *
 * @param result the counts, as the state keeps them
 * @param keyColumns what the listed keys are made of; empty for a table without a key
 * @param listed the first differences; there may be more than are listed
 * @param extent what of the table was compared
 */
public record Comparison(
    ValidationResults.Result result,
    List<String> keyColumns,
    List<Difference> listed,
    Extent extent) {

  /** Copies the lists. */
  public Comparison {
    keyColumns = List.copyOf(keyColumns);
    listed = List.copyOf(listed);
  }

  /** What a validation before this one found equal, and what has not changed since. */
  public static Comparison earlier(ValidationResults.Result result, Table table) {
    return new Comparison(
        result, table.key().map(Table.Key::columns).orElse(List.of()), List.of(), Extent.EARLIER);
  }

  /** Whether both sides are equal. */
  public boolean equal() {
    return result.equal();
  }

  /** How many rows differ in any way, listed or not. */
  public long differences() {
    return result.differences();
  }

  /** The same, with no row named. */
  public Comparison withoutKeys() {
    return new Comparison(result, keyColumns, List.of(), extent);
  }

  /** What of a table was compared. */
  public enum Extent {
    /** All its rows. */
    WHOLE,
    /** All its rows but for some that changed at that very moment. */
    RESTING_ROWS,
    /** The rows that changed since it was proven; the others have rested. */
    CHANGED_ROWS,
    /** The rows a condition holds for. */
    CONDITION,
    /** What was wanted of it, by a validation before this one; nothing of it has changed since. */
    EARLIER;

    /** Whether the table was read, so that what it came to is a proof of it. */
    public boolean isOfTable() {
      return this == WHOLE || this == RESTING_ROWS;
    }

    static Extent of(Portion portion) {
      return switch (portion) {
        case Portion.Whole() -> WHOLE;
        case Portion.Rows(_) -> CHANGED_ROWS;
        case Portion.Condition(_) -> CONDITION;
        case Portion.Except(Portion.Whole(), _) -> RESTING_ROWS;
        case Portion.Except(Portion other, _) -> of(other);
      };
    }
  }

  /**
   * One row that is not the same on both sides.
   *
   * @param kind how it differs
   * @param key its key as PostgreSQL prints a row, such as {@code (7,"a b")}; without a key where
   *     such a row lies: {@code ctid (0,5)}, on the target if it is extra, else on the source
   * @param columns the names of the columns that differ; none unless the row is on both sides
   */
  public record Difference(Kind kind, String key, List<String> columns) {
    /** Copies the list. */
    public Difference {
      columns = List.copyOf(columns);
    }
  }

  /** How a row differs. */
  public enum Kind {
    /** The target lacks it. */
    MISSING,
    /** The source lacks it. */
    EXTRA,
    /** Both have its key, with different values. */
    DIFFERING
  }
}
