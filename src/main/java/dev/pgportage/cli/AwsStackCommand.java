package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command on one stack in an AWS account. */
abstract class AwsStackCommand implements Callable<Integer> {
  private final Shell shell;
  private final String name;
  private final boolean needsConfig;

  @Mixin private final AwsOptions aws = new AwsOptions();
  @Mixin private final ConfigOptions options = new ConfigOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  /**
   * A command.
   *
   * @param needsConfig whether the databases must be known
   */
  AwsStackCommand(Shell shell, String name, boolean needsConfig) {
    this.shell = shell;
    this.name = name;
    this.needsConfig = needsConfig;
  }

  /** Does the command's work. */
  abstract MigrationCommand.Answer answer(
      AwsMigration migration, String stack, Optional<MigrationConfig> config);

  @Override
  public final Integer call() {
    Optional<MigrationConfig> config =
        needsConfig || options.isGiven()
            ? Optional.of(options.load(shell).config())
            : Optional.empty();
    String stack = aws.stack(config);
    MigrationCommand.Answer answer;
    try (var migration =
        new AwsMigration(aws.login(), stack, aws.rehearses(), line -> shell.err().println(line))) {
      shell.stopBy(migration::stop);
      answer = answer(migration, stack, config);
    }
    shell
        .out()
        .println(
            output.json()
                ? JsonOutput.result(name, answer.exitStatus(), answer.result())
                : answer.text());
    return answer.exitStatus();
  }

  /**
   * A question before a deed.
   *
   * @param deed a sentence without its full stop
   * @param yes whether the answer was given beforehand
   */
  record Asked(String deed, boolean yes) {}

  /**
   * Asks, and lets the stack's workflow move the writes.
   *
   * @param rehearsed the text of an answer where nothing was done
   * @param done the text once it was
   */
  final MigrationCommand.Answer byStack(
      AwsMigration migration,
      AwsMigration.Deed deed,
      Asked question,
      String rehearsed,
      String done) {
    ask(question.deed(), question.yes());
    migration.carryOut(deed);
    return new MigrationCommand.Answer(
        0, Map.of("moved", !rehearses()), rehearses() ? rehearsed : done);
  }

  /** Whether nothing is to be changed. */
  final boolean rehearses() {
    return aws.rehearses();
  }

  /** Tells what would be done, where it is no call to AWS. */
  final void tellWould(String deed) {
    shell.err().println("would       " + deed);
  }

  Shell shell() {
    return shell;
  }

  Style style() {
    return shell.style();
  }

  boolean json() {
    return output.json();
  }

  /** Goes on only if somebody says yes; in a rehearsal nobody need. */
  final void ask(String deed, boolean yes) {
    MigrationCommand.ask(shell, output.json(), deed, yes || aws.rehearses());
  }
}
