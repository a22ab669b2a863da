package dev.pgportage.cli;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.SchemaReport;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage schema}. */
@Command(
    name = "schema",
    description = {
      "Makes the schema on the target and nothing else: tables, types, functions and whatever must"
          + " be there before rows; 'migrate' goes on from it.",
      "Tells what is left out, made otherwise or made later, and why. Run again, it makes what is"
          + " missing; the first statement that fails ends it with the object's name.",
      "With a schema.mode other than managed it makes nothing, and tells what 'migrate' takes off"
          + " your schema and brings back.",
      "'pgportage schema diff' compares the schemas of two databases."
    },
    synopsisSubcommandLabel = "[diff]",
    footer = {"", "Example:", "  pgportage schema && pgportage schema diff"})
final class SchemaCommand extends MigrationCommand {
  @Option(
      names = "--post-data",
      description =
          "Also make what follows the rows (keys, indexes, foreign keys, triggers, row security),"
              + " all in force at once: for a database without rows, or with rows from elsewhere."
              + " 'migrate' refuses to go on from there.")
  private boolean postData;

  @Option(names = "--all", description = "Name everything that is left out, not only some of it.")
  private boolean all;

  SchemaCommand(Shell shell) {
    super(shell, "schema");
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    SchemaReport report = migration.makeSchema(postData);
    return new Answer(DONE, report, new SchemaText(report, style()).render(all));
  }
}
