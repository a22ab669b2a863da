package dev.pgportage.config;

import dev.pgportage.config.MigrationConfig.Apply;
import dev.pgportage.config.MigrationConfig.Cutover;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.config.MigrationConfig.Schema;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.config.MigrationConfig.Schema.Park;
import java.util.List;

/** Settings that are right each by itself but not together. */
final class Contradictions {
  private final SettingValues values;
  private final Problems problems;

  Contradictions(SettingValues values, Problems problems) {
    this.values = values;
    this.problems = problems;
  }

  /** Tells errors, and warns of what has no effect. */
  void check(MigrationConfig.Type type, Schema schema, Apply apply, Cutover cutover) {
    if (apply.slot().isPresent() && type != MigrationConfig.Type.CDC) {
      error(Settings.SLOT, "only type cdc begins from an existing slot", "type: cdc, or no slot");
    }
    if (apply.streams() > 1) {
      checkStreams(type, apply);
    }
    if (type == MigrationConfig.Type.CDC && schema.mode() != Mode.EXISTING) {
      Setting<?> at = values.isGiven(Settings.SCHEMA_MODE) ? Settings.SCHEMA_MODE : Settings.TYPE;
      error(at, "type cdc needs a target that holds the rows already", "schema.mode: existing");
    }
    if (type == MigrationConfig.Type.CDC && apply.slot().isEmpty()) {
      warning(
          Settings.TYPE,
          "without apply.slot changes are replicated from now on",
          "right only if the source has not been written to since the target's copy");
    }
    if (schema.park() != Park.NONE && (schema.mode() == Mode.MANAGED || !type.loads())) {
      error(
          Settings.SCHEMA_PARK,
          "only a schema you made, into which rows are loaded, has something to park",
          "schema.mode: existing or truncate and a type that loads, or schema.park: none");
    }
    if (apply.heartbeat().compareTo(cutover.maxLag()) > 0) {
      error(
          Settings.HEARTBEAT,
          "is longer than cutover.max_lag, so that the lag could not be told",
          "at most cutover.max_lag");
    }
    if (values.get(Settings.STOP_REPLICA_LAG).compareTo(values.get(Settings.MAX_REPLICA_LAG)) < 0) {
      error(
          Settings.STOP_REPLICA_LAG,
          "is shorter than load.max_replica_lag, so that copying would end before it pauses",
          "at least load.max_replica_lag");
    }
    warnOfNoEffect(type, schema, cutover);
  }

  private void checkStreams(MigrationConfig.Type type, Apply apply) {
    if (apply.slot().isPresent()) {
      error(
          Settings.STREAMS,
          "one given slot (apply.slot) is one stream",
          "no apply.slot, or apply.streams: 1");
    }
    if (!type.replicates()) {
      error(
          Settings.STREAMS,
          "type full-load replicates nothing",
          "a type that replicates, or apply.streams: 1");
    }
  }

  private void warnOfNoEffect(MigrationConfig.Type type, Schema schema, Cutover cutover) {
    if (values.isGiven(Settings.SILENCE) && cutover.fence() != Fence.EXTERNAL) {
      warning(Settings.SILENCE, "has no effect", "it is for cutover.fence: external");
    }
    if (values.isGiven(Settings.LOCKED_ROLES) && cutover.fence() != Fence.ROLES) {
      warning(Settings.LOCKED_ROLES, "has no effect", "it is for cutover.fence: roles");
    }
    for (Setting<?> setting : List.of(Settings.OWNERS, Settings.PRIVILEGES, Settings.ROLES)) {
      if (values.isGiven(setting) && schema.mode() != Mode.MANAGED) {
        warning(setting, "has no effect", "it is for schema.mode: managed");
      }
    }
    if (values.get(ExecutorKeys.KIND) == ExecutorKeys.ExecutorKind.THREADS) {
      for (Setting<?> setting : List.of(ExecutorKeys.URL, ExecutorKeys.JAR)) {
        if (values.isGiven(setting)) {
          warning(setting, "has no effect", "it is for executor.kind: flink");
        }
      }
    }
    if (!type.replicates()) {
      for (Setting<?> setting :
          List.of(Settings.BATCH_ROWS, Settings.BATCH_SIZE, Settings.HEARTBEAT)) {
        if (values.isGiven(setting)) {
          warning(setting, "has no effect", "type full-load replicates nothing");
        }
      }
    }
  }

  private void error(Setting<?> setting, String what, String allowed) {
    problems.error(values.place(setting), setting.key(), what, allowed);
  }

  private void warning(Setting<?> setting, String what, String advice) {
    problems.warning(values.place(setting), setting.key(), what, advice);
  }
}
