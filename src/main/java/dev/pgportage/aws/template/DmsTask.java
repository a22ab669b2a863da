package dev.pgportage.aws.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The replication task of the DMS engine: which tables, and how. */
final class DmsTask {
  /** Fits no schema: PostgreSQL keeps pg_ for itself; stands for schemas that were not named. */
  private static final String NO_SCHEMA = "pg[_]-";

  private static final int SCHEMAS = 4;

  /** Schemas that are nobody's data, as DMS writes patterns; PostgreSQL keeps pg_ for itself. */
  private static final List<String> NEVER = List.of("pgportage", "information[_]schema", "pg[_]%");

  /**
   * Everything that is wrong with a row, a table or the order of transactions stops the task, but
   * for conflicts of changes that were cached during the load: the load may have read them already.
   */
  private static final Map<String, Object> SETTINGS =
      Json.parse(
          """
          {FullLoadSettings: {TargetTablePrepMode: 'DO_NOTHING', MaxFullLoadSubTasks: 8,
           TransactionConsistencyTimeout: 600, CommitRate: 10000},
           ChangeProcessingTuning: {BatchApplyPreserveTransaction: true, BatchApplyTimeoutMin: 1,
           BatchApplyTimeoutMax: 30, BatchApplyMemoryLimit: 1000, MinTransactionSize: 5000,
           CommitTimeout: 5, MemoryLimitTotal: 2048, MemoryKeepTime: 60, StatementCacheSize: 50},
           ChangeProcessingDdlHandlingPolicy: {HandleSourceTableDropped: false,
           HandleSourceTableTruncated: true, HandleSourceTableAltered: true},
           ValidationSettings: {EnableValidation: true, ValidationMode: 'ROW_LEVEL', ThreadCount: 5,
           PartitionSize: 10000, FailureMaxCount: 10000, TableFailureMaxCount: 1000},
           ErrorBehavior: {DataErrorPolicy: 'STOP_TASK', DataTruncationErrorPolicy: 'STOP_TASK',
           DataErrorEscalationPolicy: 'STOP_TASK', TableErrorPolicy: 'STOP_TASK',
           TableErrorEscalationPolicy: 'STOP_TASK', ApplyErrorDeletePolicy: 'STOP_TASK',
           ApplyErrorInsertPolicy: 'STOP_TASK', ApplyErrorUpdatePolicy: 'STOP_TASK',
           ApplyErrorEscalationPolicy: 'STOP_TASK', FailOnNoTablesCaptured: true,
           FailOnTransactionConsistencyBreached: true, FullLoadIgnoreConflicts: true,
           RecoverableErrorCount: -1, RecoverableErrorInterval: 5,
           RecoverableErrorThrottling: true, RecoverableErrorThrottlingMax: 1800},
           ControlTablesSettings: {ControlSchema: 'awsdms_control', StatusTableEnabled: true,
           SuspendedTablesTableEnabled: true, FullLoadExceptionTableEnabled: true},
           Logging: {EnableLogging: true}}
          """);

  private DmsTask() {}

  static Resource task() {
    return Resource.of(
            "ReplicationTask",
            "AWS::DMS::ReplicationTask",
            Json.object(
                "ReplicationTaskIdentifier",
                Intrinsic.named("task"),
                "MigrationType",
                Intrinsic.ref("MigrationType"),
                "ReplicationInstanceArn",
                Intrinsic.ref("DMSReplicationInstance"),
                "SourceEndpointArn",
                Intrinsic.ref("SourceEndpoint"),
                "TargetEndpointArn",
                Intrinsic.ref("TargetEndpoint"),
                "TableMappings",
                Intrinsic.choose("OwnMappings", Intrinsic.ref("TableMappings"), mappings()),
                "ReplicationTaskSettings",
                settings()))
        .saying(
            "DO_NOTHING: the schema is yours. Full LOB mode is exact, but excludes batches; limited"
                + " LOB mode is the reverse.");
  }

  private static Intrinsic.Document mappings() {
    var rules = new ArrayList<Object>();
    var variables = Json.object();
    for (int i = 0; i < SCHEMAS; i++) {
      variables.put("Schema" + i, schema(i));
      rules.add(rule(i + 1, "include", "${Schema" + i + "}", "%"));
    }
    rules.add(rule(rules.size() + 1, "exclude", "%", "awsdms[_]%"));
    for (String schema : NEVER) {
      rules.add(rule(rules.size() + 1, "exclude", schema, "%"));
    }
    return Intrinsic.document(Json.object("rules", rules), variables);
  }

  /** The schema at an index of the parameter's list, or one that is nowhere. */
  private static Intrinsic schema(int index) {
    String padded = "${SourceSchemas}" + ("," + NO_SCHEMA).repeat(SCHEMAS - 1);
    return Intrinsic.call("Select", index, Intrinsic.call("Split", ",", Intrinsic.sub(padded)));
  }

  private static Object rule(int id, String action, String schema, String table) {
    return Json.object(
        "rule-type",
        "selection",
        "rule-id",
        Integer.toString(id),
        "rule-name",
        Integer.toString(id),
        "object-locator",
        Json.object("schema-name", schema, "table-name", table),
        "rule-action",
        action);
  }

  private static Intrinsic.Document settings() {
    return Intrinsic.document(
        Json.joined(Json.object("TargetMetadata", metadata()), SETTINGS),
        Json.object(
            "Full",
            Intrinsic.choose("FullLob", "true", "false"),
            "Limited",
            Intrinsic.choose("FullLob", "false", "true")));
  }

  private static Map<String, Object> metadata() {
    return Json.object(
        "SupportLobs",
        true,
        "FullLobMode",
        new Intrinsic.Bare("Full"),
        "LobChunkSize",
        64,
        "InlineLobMaxSize",
        32,
        "LimitedSizeLobMode",
        new Intrinsic.Bare("Limited"),
        "LobMaxSize",
        new Intrinsic.Bare("LobMaxSizeKb"),
        "BatchApplyEnabled",
        new Intrinsic.Bare("Limited"));
  }
}
