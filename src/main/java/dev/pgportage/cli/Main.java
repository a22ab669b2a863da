package dev.pgportage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The program: its commands, and what becomes of their failures. */
@Command(
    name = "pgportage",
    description =
        "Carries a live PostgreSQL database to another server: schema, every row, every change made"
            + " meanwhile. It proves that everything arrived, and cuts over.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    footer = {
      "",
      "Example:",
      "  pgportage init --source postgresql://me@old/shop --target postgresql://me@new/shop",
      "  pgportage assess && pgportage migrate",
      "  pgportage cutover",
      "",
      "Exit status: 0 done, 1 failed, 2 usage, 3 findings or differences, 4 interrupted but"
          + " resumable."
    })
public final class Main {
  private static final int SECONDS_TO_STOP = 20;
  private static final int HELP_WIDTH = 100;

  private Main() {}

  /** Runs one command and ends the process with its exit status. */
  public static void main(String[] arguments) {
    if (arguments.length == 1 && arguments[0].equals("--version")) {
      System.out.println(Version.text());
      return;
    }
    Shell shell = Shell.ofProcess();
    var status = new CompletableFuture<Integer>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(shell, status), "stop"));
    try {
      status.complete(run(shell, arguments));
    } catch (Error e) {
      MigrationException failure = ErrorScreen.failure(e);
      ErrorScreen.print(
          shell.err(), shell.style(), failure, List.of(arguments).contains("--debug"));
      status.complete(failure.code().exitStatus());
    }
    System.exit(status.join());
  }

  /** Runs one command; returns its exit status. */
  static int run(Shell shell, String... arguments) {
    var line = new CommandLine(new Main());
    Commands.wanted(shell, arguments).forEach(line::addSubcommand);
    line.setOut(new PrintWriter(shell.out(), true, UTF_8));
    line.setErr(new PrintWriter(shell.err(), true, UTF_8));
    line.setUsageHelpWidth(HELP_WIDTH);
    line.setColorScheme(CommandLine.Help.defaultColorScheme(CommandLine.Help.Ansi.OFF));
    line.setParameterExceptionHandler((e, _) -> usage(shell, e, arguments));
    line.setExecutionExceptionHandler((e, failed, parsed) -> failed(shell, e, failed, parsed));
    line.setExecutionStrategy(Main::execute);
    return line.execute(arguments);
  }

  private static int execute(ParseResult parsed) {
    if (!parsed.hasSubcommand()
        && !parsed.isUsageHelpRequested()
        && !parsed.isVersionHelpRequested()) {
      throw new ParameterException(parsed.commandSpec().commandLine(), "No command given");
    }
    return new CommandLine.RunLast().execute(parsed);
  }

  private static int usage(Shell shell, ParameterException e, String... arguments) {
    List<String> guesses =
        e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
    String command = e.getCommandLine().getCommandSpec().qualifiedName();
    String remedy =
        (guesses.isEmpty()
                ? ""
                : "Did you mean " + guesses.getFirst().replaceFirst("^pgportage ", "") + "? ")
            + "See '"
            + command
            + " --help'.";
    var failure = new MigrationException(ErrorCode.USAGE, what(e), remedy, null);
    report(shell, command, failure, asksForJson(arguments), false);
    return ErrorCode.USAGE.exitStatus();
  }

  /** Whether a program reads the answer, as far as a line that cannot be parsed tells. */
  private static boolean asksForJson(String... arguments) {
    List<String> words = List.of(arguments);
    return words.contains("--output=json")
        || (words.contains("--output") && words.contains("json"));
  }

  /** What is wrong, without the value a user gave: it may be a URL with a password. */
  private static String what(ParameterException e) {
    if (e instanceof UnmatchedArgumentException unmatched) {
      String word = unmatched.getUnmatched().getFirst();
      boolean name = word.matches("-{0,2}[A-Za-z][A-Za-z-]*(=.*)?");
      return "Unknown: " + (name ? word.replaceFirst("=.*", "") : "an argument");
    }
    String message = e.getMessage();
    return message == null || message.contains("://") ? "The options are not right" : message;
  }

  private static int failed(Shell shell, Exception e, CommandLine failed, ParseResult parsed) {
    MigrationException failure = ErrorScreen.failure(e);
    ParseResult last = parsed;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    boolean json =
        OutputOptions.Format.json.equals(last.<Object>matchedOptionValue("--output", null));
    boolean debug = last.matchedOptionValue("--debug", false);
    report(shell, failed.getCommandSpec().qualifiedName(), failure, json, debug);
    return failure.code().exitStatus();
  }

  private static void report(
      Shell shell, String command, MigrationException failure, boolean json, boolean debug) {
    if (json) {
      String name = command.replaceFirst("^pgportage ?", "");
      shell.out().println(JsonOutput.failure(name, failure));
    }
    if (!json || debug) {
      ErrorScreen.print(shell.err(), shell.style(), failure, debug);
    }
  }

  /** On SIGINT and SIGTERM: asks what runs to end, waits for it, and keeps its exit status. */
  private static void stop(Shell shell, CompletableFuture<Integer> status) {
    if (status.isDone() || !shell.stop()) {
      return;
    }
    try {
      Runtime.getRuntime().halt(status.get(SECONDS_TO_STOP, TimeUnit.SECONDS));
    } catch (TimeoutException | ExecutionException | InterruptedException e) {
      var failure =
          new MigrationException(
              ErrorCode.INTERRUPTED,
              "Stopped without waiting longer; nothing that was committed is lost");
      ErrorScreen.print(shell.err(), shell.style(), failure, false);
      Runtime.getRuntime().halt(ErrorCode.INTERRUPTED.exitStatus());
    }
  }
}
