package dev.pgportage.schema;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.SourceFacts.ForeignKey;

/** The statements that add, check and drop a foreign key. */
final class ForeignKeys {
  private ForeignKeys() {}

  /** Adds it as the source has it. */
  static String adding(ForeignKey key) {
    return "ALTER TABLE "
        + (key.partitioned() ? "" : "ONLY ")
        + key.table().sql()
        + " ADD CONSTRAINT "
        + Quoting.identifier(key.name())
        + " "
        + key.definition()
        + ";";
  }

  /** Adds it without looking at the rows; {@link #validating} does that. */
  static String addingUnchecked(ForeignKey key) {
    String adding = adding(key);
    return key.valid() ? adding.substring(0, adding.length() - 1) + " NOT VALID;" : adding;
  }

  static String validating(ForeignKey key) {
    return "ALTER TABLE "
        + key.table().sql()
        + " VALIDATE CONSTRAINT "
        + Quoting.identifier(key.name())
        + ";";
  }

  static String dropping(ForeignKey key) {
    return "ALTER TABLE "
        + key.table().sql()
        + " DROP CONSTRAINT "
        + Quoting.identifier(key.name())
        + ";";
  }
}
