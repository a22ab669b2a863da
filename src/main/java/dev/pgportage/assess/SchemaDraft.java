package dev.pgportage.assess;

import dev.pgportage.MigrationException;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.schema.SchemaPlanner;
import java.util.Optional;

/**
 * The plan of the schema as a migration would make it now, or why it cannot make one.
 *
 * @param plan the plan
 * @param failure why there is none
 */
record SchemaDraft(Optional<SchemaPlan> plan, Optional<MigrationException> failure) {
  static SchemaDraft of(AssessmentContext context) {
    var planner = new SchemaPlanner(context.source(), context.target(), context.config().schema());
    try {
      return new SchemaDraft(Optional.of(planner.draft(context.objects())), Optional.empty());
    } catch (MigrationException e) {
      return new SchemaDraft(Optional.empty(), Optional.of(e));
    }
  }
}
