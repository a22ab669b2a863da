package dev.pgportage.cli;

import dev.pgportage.aws.AwsMigration;
import dev.pgportage.config.MigrationConfig;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command on one stack in an AWS account. */
abstract class AwsStackCommand implements Callable<Integer> {
  private final Shell shell;
  private final String name;

  @Mixin private final AwsOptions aws = new AwsOptions();
  @Mixin private final ConfigOptions options = new ConfigOptions();
  @Mixin private final OutputOptions output = new OutputOptions();

  AwsStackCommand(Shell shell, String name) {
    this.shell = shell;
    this.name = name;
  }

  /** Does the command's work. */
  abstract MigrationCommand.Answer answer(
      AwsMigration migration, String stack, Optional<MigrationConfig> config);

  /** Whether the databases must be known. */
  abstract boolean needsConfig();

  /** Whether nothing is to be changed. */
  boolean rehearses() {
    return false;
  }

  @Override
  public final Integer call() {
    Optional<MigrationConfig> config =
        needsConfig() || options.isGiven()
            ? Optional.of(options.load(shell).config())
            : Optional.empty();
    String stack = aws.stack(config);
    MigrationCommand.Answer answer;
    try (var migration =
        new AwsMigration(aws.login(), stack, rehearses(), line -> shell.err().println(line))) {
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

  Shell shell() {
    return shell;
  }

  Style style() {
    return shell.style();
  }

  boolean json() {
    return output.json();
  }

  /** Goes on only if somebody says yes. */
  final void ask(String deed, boolean yes) {
    MigrationCommand.ask(shell, output.json(), deed, yes);
  }
}
