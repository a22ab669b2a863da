package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.BothAnswers;
import dev.pgportage.schema.CatalogInventory.Entry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the target's schema lacks or has otherwise than the source's, over the object set.
 *
 * <p>Between different major versions the texts that a server writes of expressions, views and
 * functions are not compared, only that the objects are there with the same columns, types and
 * properties. Objects the plan leaves out are left out here; further objects on the target count
 * only where they are part of a table of the set.
 */
public final class CatalogDiff {
  private static final int SHOWN = 20;

  /** How much of the schema is compared: what must be there at a moment of the migration. */
  public enum Depth {
    /** What rows need: tables, columns, constraints but foreign keys, types, sequences. */
    ROWS,
    /** All but what only the opened target has: indexes, views, functions, triggers, comments. */
    READY,
    /** Also foreign keys, policies, row security, triggers' and rules' modes. */
    OPENED,
    /** Everything the catalog holds: storage, owners, privileges, publications, and all else. */
    WHOLE
  }

  /**
   * One difference.
   *
   * @param object kind and name
   * @param what how it differs
   * @param fix what to do on the target
   */
  public record Difference(String object, String what, String fix) {
    @Override
    public String toString() {
      return object + " " + what + ". " + fix;
    }
  }

  private CatalogDiff() {}

  /** Compares; the connections must be {@link dev.pgportage.pg.Database#open}'s. */
  public static List<Difference> between(
      Connection source, Connection target, ObjectSet set, SchemaPlan plan, Depth depth)
      throws SQLException {
    var both = BothAnswers.of(source, target, side -> CatalogInventory.read(side, set, depth));
    CatalogInventory here = both.source();
    CatalogInventory there = both.target();
    Set<String> leftOut = plan.leftOut();
    var differences = new ArrayList<Difference>();
    for (Map.Entry<String, Entry> object : here.objects().entrySet()) {
      Entry other = there.objects().get(object.getKey());
      if (other != null) {
        if (!here.alike(object.getValue(), there, other)) {
          differences.add(different(object.getKey(), object.getValue(), other));
        }
      } else if (!(set.leavesOutComments() && object.getKey().startsWith("comment on "))
          && !leftOut.contains(object.getKey().replaceFirst("^(comment on|mode of) ", ""))) {
        differences.add(missing(object.getKey(), object.getValue()));
      }
    }
    there
        .objects()
        .forEach(
            (name, entry) -> {
              if (!here.objects().containsKey(name) && entry.table().isPresent()) {
                differences.add(
                    new Difference(
                        name, "is on the target only", "Drop it, or make it on the source"));
              }
            });
    return differences;
  }

  /**
   * Makes sure there is no difference.
   *
   * @throws MigrationException SCHEMA_DIFFERS with the differences
   */
  public static void require(List<Difference> differences) {
    if (!differences.isEmpty()) {
      String more =
          differences.size() > SHOWN ? "\n  and " + (differences.size() - SHOWN) + " more" : "";
      throw new MigrationException(
          ErrorCode.SCHEMA_DIFFERS,
          differences.size()
              + " differences between the schemas:\n  "
              + differences.stream()
                  .limit(SHOWN)
                  .map(Difference::toString)
                  .collect(Collectors.joining("\n  "))
              + more);
    }
  }

  private static Difference different(String name, Entry here, Entry there) {
    boolean sameDefinition = here.definition().equals(there.definition());
    String wanted = sameDefinition ? here.expression() : here.definition();
    String found = sameDefinition ? there.expression() : there.definition();
    return new Difference(
        name,
        "is '" + found + "' on the target, '" + wanted + "' on the source",
        "Alter it on the target");
  }

  private static Difference missing(String name, Entry entry) {
    String definition = entry.expression().isEmpty() ? entry.definition() : entry.expression();
    return new Difference(
        name,
        "is missing on the target",
        definition.isBlank() ? "Make it there" : "Make it there: " + definition);
  }
}
