package dev.pgportage.workflow;

import dev.pgportage.schema.SchemaItem;
import java.util.List;

/**
 * What became of a schema.
 *
 * @param migration the migration's name
 * @param yours whether the user made it: nothing was done, and {@code notable} says what 'migrate'
 *     takes off it and brings back
 * @param postData whether what follows the rows is made too
 * @param made how many objects this run made
 * @param before how many earlier runs had made
 * @param notable what is left out, made otherwise or made later, with the reasons
 */
public record SchemaReport(
    String migration,
    boolean yours,
    boolean postData,
    int made,
    int before,
    List<SchemaItem> notable) {
  /** Copies the list. */
  public SchemaReport {
    notable = List.copyOf(notable);
  }
}
