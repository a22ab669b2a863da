package dev.pgportage.assess;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Cutover.Reverse;
import dev.pgportage.config.MigrationConfig.Schema.Carry;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Roles;
import java.util.function.Predicate;

/**
 * For which migrations a check is made.
 *
 * @param text the condition in words
 * @param test the condition
 */
record Scope(String text, Predicate<AssessmentContext> test) {
  static final Scope ALWAYS = new Scope("always", context -> true);

  static final Scope REPLICATES =
      of("when changes are replicated", config -> config.type().replicates());

  static final Scope MANAGED =
      of("when pgportage makes the schema", config -> config.schema().mode() == Mode.MANAGED);

  static final Scope DROPS_OWNERS =
      of(
          "when pgportage makes the schema and owners are dropped",
          config ->
              config.schema().mode() == Mode.MANAGED && config.schema().owners() == Carry.DROP);

  static final Scope DROPS_PRIVILEGES =
      of(
          "when pgportage makes the schema and privileges are dropped",
          config ->
              config.schema().mode() == Mode.MANAGED && config.schema().privileges() == Carry.DROP);

  static final Scope DROPS_ROLES =
      of(
          "when pgportage makes no roles",
          config ->
              config.schema().mode() != Mode.MANAGED || config.schema().roles() == Roles.NONE);

  static final Scope MANAGED_AND_NEW =
      new Scope(
          "before pgportage has made the schema",
          context -> MANAGED.test().test(context) && !context.begun());

  static final Scope EXISTING =
      of("when the schema is there already", config -> config.schema().mode() != Mode.MANAGED);

  static final Scope FENCES =
      of(
          "when pgportage stops the writers at cutover",
          config -> config.type().replicates() && config.cutover().fence() != Fence.EXTERNAL);

  static final Scope MAKES_READ_ONLY =
      of(
          "when the source is made read-only at cutover",
          config -> config.type().replicates() && config.cutover().fence() == Fence.DATABASE);

  static final Scope LOCKS_ROLES =
      of(
          "when roles are locked out at cutover",
          config -> config.type().replicates() && config.cutover().fence() == Fence.ROLES);

  static final Scope REVERSES =
      of(
          "when changes flow back after the cutover",
          config -> config.type().replicates() && config.cutover().reverse() == Reverse.ON);

  static final Scope OWN_SLOT =
      of(
          "when pgportage makes the replication slot",
          config -> config.type().replicates() && config.apply().slot().isEmpty());

  static final Scope GIVEN_SLOT =
      of(
          "when an existing slot is given",
          config -> config.type().replicates() && config.apply().slot().isPresent());

  private static Scope of(String text, Predicate<MigrationConfig> test) {
    return new Scope(text, context -> test.test(context.config()));
  }

  boolean holds(AssessmentContext context) {
    return test.test(context);
  }
}
