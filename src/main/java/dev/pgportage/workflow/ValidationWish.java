package dev.pgportage.workflow;

import dev.pgportage.schema.TableSelection;
import java.util.List;
import java.util.Optional;

/**
 * What {@link Migration#validate} compares, and how.
 *
 * @param tables patterns of the tables, as in the filters; none means all
 * @param exclude patterns taken out of them
 * @param where a condition rows must meet on either side; the table is called {@code t}
 * @param workers how many tables at once; 0 as the settings say
 * @param maxRate how many bytes each side reads in a second at most; empty as the settings say
 * @param unproven whether what is proven and has not changed since is passed over
 * @param restart whether what a validation of the same did before it was ended is done again
 * @param undo where the statements go that take a repair back; empty if nothing is to be repaired
 */
public record ValidationWish(
    List<String> tables,
    List<String> exclude,
    Optional<String> where,
    int workers,
    Optional<Long> maxRate,
    boolean unproven,
    boolean restart,
    Optional<String> undo) {

  /** Copies the lists. */
  public ValidationWish {
    tables = List.copyOf(tables);
    exclude = List.copyOf(exclude);
  }

  /** Every row of every table. */
  public static ValidationWish everything() {
    return new ValidationWish(
        List.of(),
        List.of(),
        Optional.empty(),
        0,
        Optional.empty(),
        false,
        false,
        Optional.empty());
  }

  /** As a request's parameters have it. */
  static ValidationWish of(String parameters) {
    return parameters.equals(dev.pgportage.state.Requests.NONE)
        ? everything()
        : Session.read(parameters, ValidationWish.class);
  }

  /** What rows it is about: a wish with the same scope goes on with what another one began. */
  String scope() {
    return Session.write(
        new ValidationWish(
            tables, exclude, where, 0, Optional.empty(), false, false, Optional.empty()));
  }

  /** Whether no table is left out. */
  boolean isOfAllTables() {
    return tables.isEmpty() && exclude.isEmpty() && where.isEmpty();
  }

  /**
   * The tables by their names.
   *
   * @throws dev.pgportage.MigrationException USAGE if a pattern is none
   */
  TableSelection selection() {
    return TableSelection.of(tables, exclude);
  }
}
