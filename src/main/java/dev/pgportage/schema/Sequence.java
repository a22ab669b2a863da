package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import java.util.Optional;

/**
 * A sequence's definition; its current value is read when it is needed.
 *
 * @param name its name
 * @param type {@code smallint}, {@code integer} or {@code bigint}
 * @param start first value
 * @param min lowest value
 * @param max highest value
 * @param increment step, negative for a descending sequence
 * @param cycle whether it starts anew at its end
 * @param cache how many values a session takes at once
 * @param owner the column it belongs to (serial, identity), if any
 */
public record Sequence(
    QualifiedName name,
    String type,
    long start,
    long min,
    long max,
    long increment,
    boolean cycle,
    long cache,
    Optional<Owner> owner) {

  /**
   * The column a sequence belongs to.
   *
   * @param table the column's table
   * @param column the column's name
   * @param identity whether it is an identity column
   */
  public record Owner(QualifiedName table, String column, boolean identity) {}
}
