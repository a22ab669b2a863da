package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.telemetry.Monitor;
import dev.pgportage.workflow.Migration;
import dev.pgportage.workflow.MigrationReport;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/**
 * A command on one migration: reads the settings, does its work while progress is shown, and prints
 * what came of it.
 */
abstract class MigrationCommand implements Callable<Integer> {
  static final int DONE = 0;

  /** The work is done, but something of it is left to do by hand. */
  static final int FAILED = 1;

  static final int FINDINGS = 3;

  private final Shell shell;
  private final String name;

  @Mixin private final ConfigOptions options = new ConfigOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  MigrationCommand(Shell shell, String name) {
    this.shell = shell;
    this.name = name;
  }

  /**
   * What a command has to say.
   *
   * @param exitStatus the process's
   * @param result for programs
   * @param text for people, without a last line break
   */
  record Answer(int exitStatus, Object result, String text) {}

  /** Does the command's work. */
  abstract Answer answer(MigrationConfig config, Migration migration);

  /** Whether monitoring systems can watch the command's work. */
  boolean isServed() {
    return false;
  }

  /** Writes the record of what is done, which stays done if that fails; says where it is. */
  final String record(Migration migration) {
    try {
      return "Report: " + write(migration.report(), Optional.empty()).page();
    } catch (MigrationException e) {
      return style().yellow("Warning:")
          + " there is no report yet ("
          + e.what()
          + "): run 'pgportage report' before 'pgportage cleanup'.";
    }
  }

  /** Writes the record before the state goes: if that fails, nothing must be done. */
  final String keepRecord(Migration migration, Optional<Path> file) {
    return "\nReport: " + write(migration.report(), file).page();
  }

  /**
   * Writes the record.
   *
   * @param file where somebody wants it; else it goes where records usually are
   */
  final ReportFiles write(MigrationReport report, Optional<Path> file) {
    ReportFiles files =
        file.map(ReportFiles::of).orElseGet(() -> ReportFiles.in(options.directory(), report));
    files.write(report);
    return files;
  }

  /** Adds what the command's own arguments say of the settings. */
  void complete(ConfigOptions given) {}

  /**
   * Shows the migration elsewhere, too, while the command works.
   *
   * @param metrics who watches anyway, and must go on being told
   */
  Served serve(MigrationConfig config, MetricsServer metrics) {
    return Served.nowhere(metrics.monitor());
  }

  /** Asks what must be asked before anything is done. */
  void confirm(MigrationConfig config) {}

  /** Somebody who watches a migration for as long as the command runs. */
  interface Watch extends AutoCloseable {
    /** Who has to be told what happens. */
    Monitor monitor();

    @Override
    default void close() {}
  }

  /**
   * Lets others watch, too.
   *
   * @param view who watches anyway, and must go on being told
   */
  Watch watch(MigrationConfig config, Monitor view) {
    return () -> view;
  }

  Shell shell() {
    return shell;
  }

  @Override
  public final Integer call() {
    complete(options);
    MigrationConfig config = options.load(shell).config();
    confirm(config);
    Answer answer;
    try (var view = new ProgressView(shell, shell.interactive() && !output.json());
        var metrics = MetricsServer.of(config, view, isServed());
        Served served = serve(config, metrics);
        Watch watch = watch(config, served.monitor())) {
      if (isServed()) {
        view.follow(config);
      }
      var migration = new Migration(config, watch.monitor());
      shell.stopBy(migration::stop);
      answer = answer(config, migration);
    }
    shell
        .out()
        .println(
            output.json()
                ? JsonOutput.result(name, answer.exitStatus(), answer.result())
                : answer.text());
    return answer.exitStatus();
  }

  Style style() {
    return shell.style();
  }

  /**
   * Goes on only if somebody says yes, here or by {@code --yes}.
   *
   * @param deed what is about to be done, a sentence without its full stop
   * @throws MigrationException USAGE if nobody can answer, INTERRUPTED if the answer is no
   */
  final void ask(String deed, boolean yes) {
    ask(shell, output.json(), deed, yes);
  }

  static void ask(Shell shell, boolean json, String deed, boolean yes) {
    if (yes) {
      return;
    }
    if (!shell.interactive() || json) {
      throw new MigrationException(
          ErrorCode.USAGE, "Nobody is here to ask: " + deed, "If that is meant, add --yes.", null);
    }
    if (!shell.confirms(deed + ". Go on?")) {
      throw new MigrationException(
          ErrorCode.INTERRUPTED, "Nothing was done", "Run it again when it is time.", null);
    }
  }

  /** Looks at a migration without telling anybody. */
  static Migration quietly(MigrationConfig config) {
    return new Migration(config, Monitor.none());
  }
}
