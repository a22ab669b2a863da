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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
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

  @Option(
      names = "--workers",
      paramLabel = "NUMBER",
      description =
          "How many tables are compared at once, each over a session on either side; by default"
              + " validation.workers of the file, or 2.")
  private @Nullable Integer workers;

  @Mixin private final ProofOptions proof = new ProofOptions();

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
    if (workers != null) {
      given.set("validation.workers", workers);
    }
    proof.check();
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    ContentReport all = migration.compare();
    ContentReport report = all.with(proof.told(all.tables()));
    return new Answer(
        report.equal() ? DONE : FINDINGS,
        new Result(report.equal(), report),
        proof.text(text(report), page(report)));
  }

  private static ProofPage page(ContentReport report) {
    return new ProofPage(
        "Comparison of two databases",
        compared(report) + " " + moments(report),
        report.equal(),
        findings(report),
        report.tables());
  }

  private String text(ContentReport report) {
    return ValidationText.rows(report.tables(), style())
        + findings(report).stream()
            .map(finding -> "\n" + style().red(finding))
            .collect(Collectors.joining())
        + "\n"
        + (report.equal() ? style().green("Equal:") : style().red("Different:"))
        + " "
        + compared(report)
        + "\n"
        + moments(report);
  }

  private static String compared(ContentReport report) {
    return "%s in %s and %s were compared."
        .formatted(
            Figures.number(report.rows(), "row"),
            Figures.number(report.tables().size(), "table"),
            Figures.number(report.sequences(), "sequence"));
  }

  private static String moments(ContentReport report) {
    return "Read the source at %s (%s), the target at %s (%s)."
        .formatted(
            report.source().near(),
            Figures.moment(report.source().takenAt()),
            report.target().near(),
            Figures.moment(report.target().takenAt()));
  }

  private static List<String> findings(ContentReport report) {
    var found = new ArrayList<String>();
    add(found, "Tables the target lacks", report.missing());
    add(found, "Tables the source lacks", report.extra());
    add(found, "Tables with other columns, not compared", report.otherColumns());
    add(found, "Sequences the target lacks", report.missingSequences());
    add(found, "Sequences that stand elsewhere", report.differingSequences());
    return found;
  }

  private static void add(List<String> found, String what, List<QualifiedName> names) {
    if (!names.isEmpty()) {
      found.add(
          names.stream()
              .map(QualifiedName::toString)
              .collect(Collectors.joining(", ", what + ": ", "")));
    }
  }
}
