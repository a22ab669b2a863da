package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import java.util.List;
import java.util.Locale;

/**
 * The steps of a migration in their order. Each is idempotent: a step left unfinished is done
 * again.
 */
public enum StepName {
  /** Findings on both sides; nothing is changed. */
  ASSESS,
  /** Everything of the schema that must be there before rows. */
  SCHEMA,
  /** Publication, slot and exported snapshot. */
  SLOT,
  /** All rows of one snapshot, and keys and indexes behind them. */
  LOAD,
  /** Large objects of the same snapshot. */
  LARGE_OBJECTS,
  /** Rows of tables that are new or were changed on the source since. */
  RELOAD,
  /** Changes made meanwhile, until the lag is small. */
  CATCH_UP,
  /** Foreign keys, triggers (disabled), materialized views, statistics. */
  CONSTRAINTS,
  /** Every row compared at one LSN. */
  VALIDATION,
  /** Proven and replicating, until the cutover. */
  READY,
  /** What lets changes flow back is made: slot and publication on the target. */
  ARM,
  /** Writers on the source are stopped. */
  FENCE,
  /** The target has everything up to the final LSN. */
  DRAIN,
  /** What the WAL does not tell is copied again. */
  RECOPY,
  /** Sequences are set ahead. */
  SEQUENCES,
  /** What changed since the last proof is proven again. */
  PROOF,
  /** Triggers and row security are on: the target is the database now. */
  OPEN,
  /** Clients are led to the target. */
  SWITCH,
  /** What may follow after the target is open: validation of keys, materialized views. */
  FINISH,
  /** Writers on the target are stopped, to go back. */
  ROLLBACK_FENCE,
  /** The source has everything up to the target's final LSN. */
  ROLLBACK_DRAIN,
  /** What the target's WAL does not tell is copied back. */
  ROLLBACK_RECOPY,
  /** The source's sequences are set ahead of the target's. */
  ROLLBACK_SEQUENCES,
  /** What changed since the last proof is proven again. */
  ROLLBACK_PROOF,
  /** The writes have moved back: the source is the database again. */
  ROLLBACK_OPEN,
  /** Clients are led back to the source. */
  ROLLBACK_SWITCH,
  /** What follows once the source is open again: materialized views. */
  ROLLBACK_FINISH,
  /** The target rests again, so that changes can flow to it. */
  SHUT;

  private static final List<StepName> ORDER = List.of(values());

  /** The steps of a type of migration, in their order. */
  static List<StepName> of(MigrationConfig.Type type) {
    return switch (type) {
      case FULL_LOAD_AND_CDC -> ORDER;
      case CDC ->
          ORDER.stream().filter(s -> !List.of(LOAD, LARGE_OBJECTS, RELOAD).contains(s)).toList();
      case FULL_LOAD ->
          List.of(
              ASSESS,
              SCHEMA,
              LOAD,
              LARGE_OBJECTS,
              VALIDATION,
              CONSTRAINTS,
              SEQUENCES,
              OPEN,
              FINISH);
    };
  }

  /** The step's place in the order, from 0. */
  int position() {
    return ORDER.indexOf(this);
  }

  /** Whether every migration comes through it. */
  boolean isUsual() {
    return this != RELOAD && position() <= FINISH.position();
  }

  /** Whether whoever asked for a cutover is told of its failure, and the migration goes on. */
  boolean isOfCutover() {
    return (position() >= FENCE.position() && position() <= OPEN.position())
        || (position() >= ROLLBACK_FENCE.position() && position() <= ROLLBACK_OPEN.position());
  }

  /** The step's name in state and output, such as {@code large-objects}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
