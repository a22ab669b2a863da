package dev.pgportage.cli;

import dev.pgportage.aws.AwsPasswords;
import dev.pgportage.config.Environment;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/** A shell whose output is kept. */
final class TestShell {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();
  private final Shell shell;

  TestShell(boolean interactive, Map<String, String> variables) {
    shell =
        new Shell(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            interactive,
            new Environment(variables, Path.of("/nonexistent")).with(new AwsPasswords()));
  }

  TestShell() {
    this(false, Map.of());
  }

  Shell shell() {
    return shell;
  }

  int run(String... arguments) {
    return Main.run(shell, arguments);
  }

  String out() {
    return out.toString(StandardCharsets.UTF_8);
  }

  String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
