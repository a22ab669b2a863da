package dev.pgportage.aws.template;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/**
 * The validators and the interpreter of {@code src/test/node}, installed below {@code target} from
 * their lock file. In CI they must be there; elsewhere a test without Node says so, loudly.
 */
final class NodeTools {
  private static final Path SOURCE = Path.of("src/test/node");
  private static final Path HOME = Path.of("target/aws-node");
  private static final int LEAST_NODE = 18;

  private NodeTools() {}

  /** Runs one of the scripts, and returns what it prints. */
  static String run(String script, String input, String... arguments)
      throws IOException, InterruptedException {
    return run(script, input, Map.of(), arguments);
  }

  /** The same with variables in its environment. */
  static String run(String script, String input, Map<String, String> variables, String... arguments)
      throws IOException, InterruptedException {
    prepare(script);
    var command = new ArrayList<>(List.of("node", HOME.resolve(script).toString()));
    command.addAll(List.of(arguments));
    return execute(command, Path.of("."), input, variables);
  }

  /** One at a time over all JVMs of a build, which share the directory. */
  private static synchronized void prepare(String script) throws IOException, InterruptedException {
    requireNode();
    Files.createDirectories(HOME);
    try (var channel =
            FileChannel.open(
                HOME.resolveSibling("aws-node.lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.WRITE);
        var _ = channel.lock()) {
      install();
      Path copy = HOME.resolve(script);
      if (!Files.exists(copy) || Files.mismatch(SOURCE.resolve(script), copy) != -1) {
        Files.copy(SOURCE.resolve(script), copy, StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void install() throws IOException, InterruptedException {
    Path lock = HOME.resolve("package-lock.json");
    Path wanted = SOURCE.resolve("package-lock.json");
    Path done = HOME.resolve("installed");
    if (Files.exists(done) && Files.readString(done).equals(Files.readString(wanted))) {
      return;
    }
    Files.copy(wanted, lock, StandardCopyOption.REPLACE_EXISTING);
    Files.copy(
        SOURCE.resolve("package.json"),
        HOME.resolve("package.json"),
        StandardCopyOption.REPLACE_EXISTING);
    execute(
        List.of("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"),
        HOME,
        "",
        Map.of());
    Files.copy(wanted, done, StandardCopyOption.REPLACE_EXISTING);
  }

  private static void requireNode() throws InterruptedException {
    String found;
    try {
      found = execute(List.of("node", "--version"), Path.of("."), "", Map.of()).strip();
    } catch (IOException e) {
      found = "none";
    }
    boolean fits =
        found.startsWith("v")
            && Integer.parseInt(found.substring(1, found.indexOf('.'))) >= LEAST_NODE;
    if (fits) {
      return;
    }
    String told =
        "NOT TESTED: the AWS templates and workflows need Node "
            + LEAST_NODE
            + " or newer with npm (found: "
            + found
            + "). Install it: apt-get install nodejs npm";
    if ("true".equals(System.getenv("CI"))) {
      throw new AssertionError(told);
    }
    System.err.println(told);
    Assumptions.abort(told);
  }

  private static String execute(
      List<String> command, Path directory, String input, Map<String, String> variables)
      throws IOException, InterruptedException {
    Path errors = Files.createTempFile("node", ".err");
    var builder =
        new ProcessBuilder(command).directory(directory.toFile()).redirectError(errors.toFile());
    builder.environment().putAll(variables);
    Process process = builder.start();
    try (var stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), UTF_8);
    if (!process.waitFor(5, TimeUnit.MINUTES) || process.exitValue() != 0) {
      throw new AssertionError(
          String.join(" ", command) + " failed:\n" + output + Files.readString(errors));
    }
    Files.delete(errors);
    return output;
  }
}
