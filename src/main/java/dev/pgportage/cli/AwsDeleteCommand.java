package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.workflow.CleanupReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage aws delete}. */
@Command(
    name = "delete",
    description = {
      "Deletes the stack, the first time: ends its executions and its task, removes the rules it added"
          + " to security groups, empties its buckets with all versions.",
      "Where the migration's settings are at hand, it also removes what DMS and pgportage left in both"
          + " databases: slot, event trigger, control tables, state. Rows and schema stay."
    },
    footer = {"", "Example:", "  pgportage aws delete --yes"})
final class AwsDeleteCommand extends AwsStackCommand {
  @Option(names = "--yes", description = "Do not ask.")
  private boolean yes;

  @Option(names = "--keep-databases", description = "Leave both databases as they are.")
  private boolean keepDatabases;

  AwsDeleteCommand(Shell shell) {
    super(shell, "aws delete", false);
  }

  @Override
  MigrationCommand.Answer answer(AwsMigration aws, String stack, Optional<MigrationConfig> config) {
    // Where pgportage carries the rows in the stack, it is there that the databases are reached.
    boolean inside = aws.isNative();
    Optional<MigrationConfig> databases = config.filter(_ -> !keepDatabases && !inside);
    List<Endpoint> endpoints =
        databases.map(c -> List.of(c.source(), c.target())).orElse(List.of());
    AwsMigration.Deleted deleted =
        aws.delete(endpoints, inside && !keepDatabases, deed -> ask(deed, yes));
    var removed = new ArrayList<>(deleted.removed());
    if (rehearses()) {
      databases.ifPresent(c -> removed.add("what pgportage noted on " + c.target()));
    } else {
      databases.ifPresent(c -> removed.addAll(cleanUp(c)));
    }
    if (databases.isEmpty() && (keepDatabases || !inside)) {
      shell().err().println(style().yellow("Note:") + " both databases are left as they are");
    }
    var text = new StringBuilder();
    removed.forEach(
        object ->
            text.append(rehearses() ? "  would remove " : "  removed ")
                .append(object)
                .append('\n'));
    deleted
        .left()
        .forEach(object -> text.append(style().yellow("  left    ")).append(object).append('\n'));
    if (rehearses()) {
      text.append("Nothing was removed.");
    } else {
      text.append(style().green("Deleted.")).append(" The target's schema and rows stay.");
    }
    return new MigrationCommand.Answer(
        deleted.left().isEmpty() ? 0 : MigrationCommand.FINDINGS,
        new AwsMigration.Deleted(removed, deleted.left()),
        text.toString());
  }

  /** What pgportage itself noted on the target, if it did. */
  private static List<String> cleanUp(MigrationConfig config) {
    try {
      CleanupReport report = MigrationCommand.quietly(config).cleanup();
      return report.removed();
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.MIGRATION_UNKNOWN) {
        return List.of();
      }
      throw e;
    }
  }
}
