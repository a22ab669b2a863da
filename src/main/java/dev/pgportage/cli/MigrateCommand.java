package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.CloudWatchMetrics;
import dev.pgportage.aws.MetricsTo;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.Outcome;
import dev.pgportage.workflow.StatusReport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code pgportage migrate}. */
@Command(
    name = "migrate",
    description = {
      "Begins the migration or goes on with it: schema, full load, changes, constraints, proof.",
      "At READY it keeps replicating until 'pgportage cutover' is asked for and carried out. From"
          + " then on, with cutover.reverse: on, it lets changes flow back to the source, so that"
          + " 'pgportage rollback' is possible; stop it when you need no way back, and clean up.",
      "Ctrl-C stops it at any time; the same command continues (exit status 4).",
      "The dashboard's link is printed first; it is for this machine unless web.bind says otherwise."
    },
    footer = {"", "Example:", "  pgportage migrate --config shop.yaml --set load.workers=8"})
final class MigrateCommand extends MigrationCommand {
  @Option(
      names = "--until-ready",
      description = "End at READY; the slot on the source keeps what comes after.")
  private boolean untilReady;

  @Option(names = "--yes", description = "Do not ask before tables of the target are emptied.")
  private boolean yes;

  @Option(
      names = "--cloudwatch",
      paramLabel = "WAY",
      converter = MetricsWay.class,
      description =
          "Tell CloudWatch lag, load and warnings once a minute: put asks it to take them"
              + " (cloudwatch:PutMetricData), emf writes lines on stderr where the log goes there"
              + " anyway.")
  private @Nullable MetricsTo cloudwatch;

  @Option(names = "--no-ui", description = "Serve no dashboard (web.serve: off).")
  private boolean noUi;

  @Option(
      names = "--executor",
      paramLabel = "KIND",
      description =
          "Where chunks are copied and summed up: threads of this process, or flink"
              + " (executor.kind).")
  private @Nullable String executor;

  @Option(
      names = "--flink-url",
      paramLabel = "URL",
      description =
          "REST address of the JobManager of Flink, such as http://host:8081 (executor.flink_url).")
  private @Nullable String flinkUrl;

  MigrateCommand(Shell shell) {
    super(shell, "migrate");
  }

  /**
   * What came of it.
   *
   * @param outcome how far it came
   * @param status where it stands now
   */
  record Result(Outcome outcome, StatusReport status) {}

  @Override
  void complete(ConfigOptions given) {
    if (executor != null) {
      given.set("executor.kind", executor);
    }
    if (flinkUrl != null) {
      given.set("executor.flink_url", flinkUrl);
    }
  }

  @Override
  Served serve(MigrationConfig config, MetricsServer metrics) {
    Monitor view = metrics.monitor();
    return noUi ? Served.nowhere(view) : Served.by(config, view, metrics.metrics(), shell());
  }

  @Override
  boolean isServed() {
    return true;
  }

  @Override
  void confirm(MigrationConfig config) {
    if (config.schema().mode() == Mode.TRUNCATE && !yes && isNew(config)) {
      ask("the tables of the target " + config.target() + " will be emptied", yes);
    }
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    Outcome outcome = migration.migrate(untilReady ? Migration.Until.READY : Migration.Until.END);
    String text =
        switch (outcome) {
          case READY ->
              style().green("READY.")
                  + " Every row is proven; the slot keeps what comes after. Next: 'pgportage"
                  + " migrate' replicates on, 'pgportage cutover' moves the writes.";
          case CUT_OVER ->
              style().green("Cut over.")
                  + " The target is the database now: point the application at "
                  + config.target()
                  + ". Later: 'pgportage cleanup'.";
          case ROLLED_BACK ->
              style().green("Rolled back.")
                  + " The source is the database again, and nothing replicates. Next: 'pgportage"
                  + " abandon'.";
          case ABANDONED -> style().green("Given up.") + " The source stays the database.";
          case LOADED ->
              style().green("Loaded.")
                  + " Every row of one state of the source is on the target, and proven.";
        };
    boolean over = outcome != Outcome.READY && outcome != Outcome.ABANDONED;
    String record = over ? "\n" + record(migration) : "";
    return new Answer(DONE, new Result(outcome, migration.status()), text + record);
  }

  @Override
  Watch watch(MigrationConfig config, Monitor view) {
    if (cloudwatch == null) {
      return super.watch(config, view);
    }
    var metrics =
        new CloudWatchMetrics(cloudwatch, config.name(), view, line -> shell().err().println(line));
    return new Watch() {
      @Override
      public Monitor monitor() {
        return metrics.monitor();
      }

      @Override
      public void close() {
        metrics.close();
      }
    };
  }

  /** A way as it is given on the command line, in small letters. */
  static final class MetricsWay implements ITypeConverter<MetricsTo> {
    @Override
    public MetricsTo convert(String value) {
      return switch (value) {
        case "put" -> MetricsTo.PUT;
        case "emf" -> MetricsTo.EMF;
        default -> throw new TypeConversionException("expected put or emf");
      };
    }
  }

  private static boolean isNew(MigrationConfig config) {
    try {
      quietly(config).status();
      return false;
    } catch (MigrationException e) {
      if (e.code() == ErrorCode.MIGRATION_UNKNOWN) {
        return true;
      }
      throw e;
    }
  }
}
