package dev.pgportage.assess;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.schema.ObjectSet;

/**
 * What an assessment is about.
 *
 * @param source the database the rows come from
 * @param target the database they go to
 * @param config the migration's settings
 * @param objects what is migrated, resolved on the source
 * @param replication the slot and the publication
 * @param begun whether the target already holds part of this migration, so that it rightly is not
 *     empty
 */
public record AssessmentContext(
    Database source,
    Database target,
    MigrationConfig config,
    ObjectSet objects,
    Replication replication,
    boolean begun) {

  /**
   * The two objects a migration makes on the source.
   *
   * @param slot the replication slot's name
   * @param slotOurs whether a slot of that name is this migration's, by its ledger
   * @param publication the publication's name
   * @param publicationOurs whether a publication of that name is this migration's, by its ledger
   */
  public record Replication(
      String slot, boolean slotOurs, String publication, boolean publicationOurs) {}
}
