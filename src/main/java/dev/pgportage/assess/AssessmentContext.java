package dev.pgportage.assess;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.schema.ObjectSet;
import java.util.List;
import java.util.Set;

/**
 * What an assessment is about.
 *
 * @param source the database the rows come from
 * @param target the database they go to
 * @param config the migration's settings
 * @param objects what is migrated, resolved on the source
 * @param replication the slots and the publications
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
   * The objects a migration makes on the source: a slot and a publication for each stream.
   *
   * @param slots the replication slots' names
   * @param ownSlots those of them that are this migration's, by its ledger
   * @param publications the publications' names
   * @param ownPublications those of them that are this migration's, by its ledger
   */
  public record Replication(
      List<String> slots,
      Set<String> ownSlots,
      List<String> publications,
      Set<String> ownPublications) {
    /** Copies the lists and sets. */
    public Replication {
      slots = List.copyOf(slots);
      ownSlots = Set.copyOf(ownSlots);
      publications = List.copyOf(publications);
      ownPublications = Set.copyOf(ownPublications);
    }

    /** The first stream's slot: the only one that may be given. */
    String slot() {
      return slots.getFirst();
    }
  }
}
