package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.validation.Comparison;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.RepairReport;
import dev.pgportage.workflow.Resumed;
import dev.pgportage.workflow.ValidationReport;
import dev.pgportage.workflow.ValidationWish;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgportage validate}. */
@Command(
    name = "validate",
    description = {
      "Compares every row on both sides at one point of the source's history; replication goes on.",
      "Exit status 3 if anything differs; the keys are named. With --repair the rows of the target"
          + " that differ are made equal, and compared again."
    },
    footer = {
      "",
      "Example:",
      "  pgportage validate",
      "  pgportage validate --table 'shop.*' --where \"created_at > '2026-11-01'\"",
      "  pgportage validate --unproven",
      "  pgportage validate --repair --undo undo.sql"
    })
final class ValidateCommand extends MigrationCommand {
  private static final DateTimeFormatter FILE_TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  @Option(
      names = "--table",
      paramLabel = "PATTERN",
      description =
          "Compare these tables only: schema.name, * for any characters; a partitioned table by its"
              + " own name. May be repeated.")
  private List<String> tables = new ArrayList<>();

  @Option(
      names = "--exclude",
      paramLabel = "PATTERN",
      description = "Leave these tables out. May be repeated.")
  private List<String> exclude = new ArrayList<>();

  @Option(
      names = "--where",
      paramLabel = "CONDITION",
      description =
          "Compare those rows only for which this holds, on each side; the table is called t.")
  private @Nullable String where;

  @Option(
      names = "--workers",
      paramLabel = "NUMBER",
      description = "How many tables are compared at once; by default validation.workers.")
  private @Nullable Integer workers;

  @Option(
      names = "--max-rate",
      paramLabel = "SIZE",
      description =
          "What is read of tables on each side in a second, such as 50MB; by default"
              + " validation.max_rate.")
  private @Nullable String maxRate;

  @Option(
      names = "--unproven",
      description =
          "Compare only what is not proven: tables that were never compared or differed, and what"
              + " changed since.")
  private boolean unproven;

  @Option(
      names = "--restart",
      description =
          "Read everything, even if a validation of the same tables was ended within the last day;"
              + " by default this one goes on with it, and reads again only what has changed.")
  private boolean restart;

  @Option(
      names = "--repair",
      description =
          "Make the rows of the target that differ equal to the source's, after writing what takes"
              + " that back into a file, and compare again.")
  private boolean repair;

  @Option(
      names = "--undo",
      paramLabel = "FILE",
      description =
          "Where --repair writes the SQL that takes it back, readable by its owner only, on the host"
              + " of the process that runs the migration; by default ./undo-NAME-TIME.sql.")
  private @Nullable Path undo;

  @Option(names = "--yes", description = "Do not ask before rows are repaired.")
  private boolean yes;

  @Mixin private final ProofOptions proof = new ProofOptions();

  ValidateCommand(Shell shell) {
    super(shell, "validate");
  }

  /**
   * What came of it.
   *
   * @param migration its name
   * @param equal whether every table is equal
   * @param at the LSN of the comparison
   * @param readAt when both sides' snapshots were taken
   * @param tables one comparison per table
   * @param recopied comparisons of what is copied again in the freeze
   * @param sequences how many sequences stand on the target where they were set
   * @param movedSequences those that do not
   * @param leftOut how many rows were left out because they changed at that moment
   * @param resumed what it went on from
   * @param repair what was repaired
   */
  record Result(
      String migration,
      boolean equal,
      Optional<String> at,
      ValidationReport.Moments readAt,
      List<Comparison> tables,
      List<Comparison> recopied,
      int sequences,
      List<QualifiedName> movedSequences,
      long leftOut,
      Optional<Resumed> resumed,
      Optional<RepairReport> repair) {}

  @Override
  void complete(ConfigOptions given) {
    proof.check();
    if (workers != null) {
      given.set("validation.workers", workers);
    }
    if (maxRate != null) {
      given.set("validation.max_rate", maxRate);
    }
    if (repair && (where != null || unproven)) {
      throw new MigrationException(
          ErrorCode.USAGE, "--repair compares whole tables: it goes without --where, --unproven");
    }
    if (where != null && unproven) {
      throw new MigrationException(ErrorCode.USAGE, "--where goes without --unproven");
    }
    if (restart && unproven) {
      throw new MigrationException(ErrorCode.USAGE, "--restart goes without --unproven");
    }
    if (undo != null && !repair) {
      throw new MigrationException(ErrorCode.USAGE, "--undo is for --repair");
    }
  }

  @Override
  void confirm(MigrationConfig config) {
    if (repair) {
      ask("rows of the target " + config.target() + " that differ will be changed", yes);
    }
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    ValidationReport report = migration.validate(wish(config));
    List<Comparison> compared = proof.told(report.tables());
    List<Comparison> recopied = proof.told(report.recopied());
    var result =
        new Result(
            report.migration(),
            report.equal(),
            report.at().map(Object::toString),
            report.readAt(),
            compared,
            recopied,
            report.sequences(),
            report.movedSequences(),
            report.leftOut(),
            report.resumed(),
            report.repair());
    var text = new ValidationAnswer(report, compared, recopied);
    return new Answer(
        report.equal() ? DONE : FINDINGS, result, proof.text(text.text(style()), text.page()));
  }

  private ValidationWish wish(MigrationConfig config) {
    return new ValidationWish(
        tables,
        exclude,
        Optional.ofNullable(where),
        workers == null ? 0 : config.validation().workers(),
        maxRate == null ? Optional.empty() : Optional.of(config.validation().maxRate()),
        unproven,
        restart,
        repair ? Optional.of(undoFile(config).toAbsolutePath().toString()) : Optional.empty());
  }

  private Path undoFile(MigrationConfig config) {
    return undo != null
        ? undo
        : Path.of("undo-%s-%s.sql".formatted(config.name(), FILE_TIME.format(Instant.now())));
  }
}
