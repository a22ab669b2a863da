package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import dev.pgportage.schema.SchemaItem;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaPlan;
import java.util.List;

/** Whether the schema can be carried over, by the plan the migration would follow. */
final class SchemaChecks {
  private SchemaChecks() {}

  static final Check SCHEMA =
      Check.named("schema", "Schema and pg_dump", Side.TARGET)
          .when(Scope.MANAGED_AND_NEW)
          .code(ErrorCode.SCHEMA_OBJECT_BLOCKED)
          .passes(
              "pg_dump of the source's version or newer is on this machine and dumps the schema, and"
                  + " every object that the migration's tables need can be made on the target.")
          .why(
              "pg_dump is the one program that knows every kind of object; a table without what it"
                  + " needs would not mean the same.")
          .fix(
              "Install the PostgreSQL client programs, or set PGPORTAGE_PG_BIN to their directory;"
                  + " for an object do what the finding says, or exclude its table in `filters`.")
          .by(SchemaChecks::schema);

  private static void schema(Examination e) {
    SchemaDraft draft = e.schemaDraft();
    draft
        .failure()
        .ifPresent(
            failure ->
                e.found(
                    Severity.BLOCKS,
                    failure.code(),
                    List.of("pg_dump"),
                    failure.what(),
                    failure.remedy()));
    for (SchemaItem item : draft.plan().map(SchemaPlan::blocked).orElse(List.of())) {
      e.found(
          Severity.BLOCKS,
          List.of(item.toString()),
          item + " " + item.reason(),
          "Make the target able to hold it, or exclude its table in filters.");
    }
  }

  /** What is not made, or not as the source has it. */
  static List<SchemaItem> notable(SchemaPlan plan) {
    return plan.items().stream().filter(item -> item.decision() != Decision.APPLY).toList();
  }
}
