package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.workflow.ContentReport;
import dev.pgportage.workflow.Migration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code pgportage compare}. */
@Command(
    name = "compare",
    description = {
      "Compares every row and every sequence of two databases, migration or not, and writes nothing:"
          + " those named, or those of the migration's file.",
      "Each side is read as it is at one moment of its own: what is written meanwhile on one side"
          + " only is a difference. On a running migration use 'validate'.",
      "Exit status 3 if anything differs; the keys are named."
    },
    footer = {
      "",
      "Example:",
      "  pgportage compare postgresql://me@old/shop postgresql://me@new/shop"
    })
final class CompareCommand extends MigrationCommand {
  @Parameters(
      arity = "0..2",
      paramLabel = "URL",
      description = "The source and the target, such as postgresql://user@host:5432/database.")
  private List<String> databases = new ArrayList<>();

  CompareCommand(Shell shell) {
    super(shell, "compare");
  }

  /**
   * What came of it.
   *
   * @param equal whether nothing differs
   * @param content what was compared
   */
  record Result(boolean equal, ContentReport content) {}

  @Override
  void complete(ConfigOptions given) {
    if (databases.size() == 2) {
      given.between(databases.getFirst(), databases.getLast());
    } else if (!databases.isEmpty()) {
      throw new MigrationException(ErrorCode.USAGE, "compare takes two URLs, or none");
    }
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    ContentReport report = migration.compare();
    return new Answer(
        report.equal() ? DONE : FINDINGS, new Result(report.equal(), report), text(report));
  }

  private String text(ContentReport report) {
    return ValidationText.rows(report.tables(), style())
        + line("Tables the target lacks", report.missing())
        + line("Tables the source lacks", report.extra())
        + line("Tables with other columns, not compared", report.otherColumns())
        + line("Sequences the target lacks", report.missingSequences())
        + line("Sequences that stand elsewhere", report.differingSequences())
        + "\n"
        + (report.equal() ? style().green("Equal:") : style().red("Different:"))
        + " %s rows in %s tables and %s sequences were compared."
            .formatted(
                Figures.count(report.rows()),
                Figures.count(report.tables().size()),
                Figures.count(report.sequences()));
  }

  private String line(String what, List<QualifiedName> names) {
    return names.isEmpty()
        ? ""
        : "\n"
            + style().red(what + ":")
            + names.stream()
                .map(QualifiedName::toString)
                .collect(Collectors.joining(", ", " ", ""));
  }
}
