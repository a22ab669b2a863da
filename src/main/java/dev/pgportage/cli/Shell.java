package dev.pgportage.cli;

import dev.pgportage.aws.AwsPasswords;
import dev.pgportage.config.Environment;
import java.io.BufferedReader;
import java.io.Console;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What a command is run in: its streams, its environment, whether a person watches, and how it is
 * stopped. Thread-safe.
 */
final class Shell {
  private final PrintStream out;
  private final PrintStream err;
  private final boolean interactive;
  private final Style style;
  private final Environment environment;
  private final AtomicReference<Optional<Runnable>> running =
      new AtomicReference<>(Optional.empty());

  Shell(PrintStream out, PrintStream err, boolean interactive, Environment environment) {
    this.out = out;
    this.err = err;
    this.interactive = interactive;
    this.environment = environment;
    boolean plain = environment.variables().containsKey("NO_COLOR");
    this.style = interactive && !plain ? Style.ansi() : Style.plain();
  }

  /** The process's own. */
  static Shell ofProcess() {
    Environment environment = Environment.ofProcess().with(new AwsPasswords());
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    boolean interactive =
        terminal
            && !isElsewhere("/proc/self/fd/2")
            && !"dumb".equals(environment.variables().get("TERM"));
    return new Shell(
        new PrintStream(System.out, true, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        interactive,
        environment);
  }

  /**
   * Whether an open file is none of a terminal; Java asks that for input and output only. False
   * where the system does not tell.
   */
  private static boolean isElsewhere(String file) {
    try {
      return !Files.readSymbolicLink(Path.of(file)).startsWith("/dev");
    } catch (IOException e) {
      return false;
    }
  }

  /** Where results go, and nothing else. */
  PrintStream out() {
    return out;
  }

  /** Where progress, warnings and errors go. */
  PrintStream err() {
    return err;
  }

  /** Whether a person watches and can answer. */
  boolean interactive() {
    return interactive;
  }

  Style style() {
    return style;
  }

  Environment environment() {
    return environment;
  }

  /** Asks a question; anything but {@code y} or {@code yes} means no. */
  boolean confirms(String question) {
    err.print(question + " [y/N] ");
    err.flush();
    try {
      var reader = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
      String answer = reader.readLine();
      return answer != null && answer.strip().matches("(?i)y|yes");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** From now on {@link #stop} does this. */
  void stopBy(Runnable action) {
    running.set(Optional.of(action));
  }

  /** Stops what runs; false if nothing that can be stopped does. */
  boolean stop() {
    Optional<Runnable> action = running.get();
    action.ifPresent(Runnable::run);
    return action.isPresent();
  }
}
