package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationTemplate;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code pgportage init}. */
@Command(
    name = "init",
    description =
        "Writes a migration.yaml with every key, its meaning and its default. Passwords are left"
            + " out of it. An existing file is never overwritten.",
    footer = {
      "",
      "Example:",
      "  pgportage init --source postgresql://me@old/shop --target postgresql://me@new/shop"
    })
final class InitCommand implements Callable<Integer> {
  private final Shell shell;

  @Option(names = "--source", required = true, paramLabel = "URL", description = "The source.")
  private String source = "";

  @Option(names = "--target", required = true, paramLabel = "URL", description = "The target.")
  private String target = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "The migration's name; by default the source database's.")
  private @Nullable String name;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The file to write; by default ./migration.yaml.")
  private Path file = Path.of("migration.yaml");

  @Mixin private final OutputOptions output = new OutputOptions();

  InitCommand(Shell shell) {
    this.shell = shell;
  }

  /**
   * What came of it.
   *
   * @param file the file that was written
   * @param passwordLeftOut whether a password has to be given in another way now
   */
  record Result(String file, boolean passwordLeftOut) {}

  @Override
  public Integer call() throws IOException {
    MigrationTemplate template =
        MigrationTemplate.of(source, target, Optional.ofNullable(name), shell.environment());
    try {
      Files.writeString(file, template.text(), StandardOpenOption.CREATE_NEW);
    } catch (FileAlreadyExistsException e) {
      throw new MigrationException(
          ErrorCode.USAGE, file + " exists already", "Move it away, or name another.", e);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.USAGE, "Cannot write " + file, "Choose a directory you may write to.", e);
    }
    if (output.json()) {
      var result = new Result(file.toString(), template.passwordLeftOut());
      shell.out().println(JsonOutput.result("init", 0, result));
      return 0;
    }
    shell.out().println("Wrote " + file + ".");
    if (template.passwordLeftOut()) {
      shell
          .out()
          .println(
              "The passwords are not in it: set PGPORTAGE_SOURCE_PASSWORD and"
                  + " PGPORTAGE_TARGET_PASSWORD, or use a pass file.");
    }
    shell.out().println("Next: pgportage assess");
    return 0;
  }
}
