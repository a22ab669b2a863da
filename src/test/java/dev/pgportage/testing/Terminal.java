package dev.pgportage.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/** A real terminal, tmux's, with a program in it: what a person would see can be read. */
public final class Terminal implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  private final String socket = "pgportage-" + UUID.randomUUID();

  private Terminal() {}

  /**
   * Starts a program in a terminal of its own; when it ends, {@code [exit STATUS]} follows.
   *
   * @param variables added to its environment
   */
  public static Terminal open(
      int columns, int rows, List<String> command, Map<String, String> variables) {
    var terminal = new Terminal();
    String quoted = command.stream().map(Terminal::quoted).collect(Collectors.joining(" "));
    String settings =
        variables.entrySet().stream()
            .map(entry -> quoted(entry.getKey() + "=" + entry.getValue()) + " ")
            .collect(Collectors.joining());
    terminal.tmux(
        "new-session",
        "-d",
        "-x",
        String.valueOf(columns),
        "-y",
        String.valueOf(rows),
        "env " + settings + quoted + "; echo \"[exit $?]\"; exec sleep 600");
    return terminal;
  }

  private static String quoted(String word) {
    return "'" + word.replace("'", "'\\''") + "'";
  }

  /** What it shows, line by line. */
  public String screen() {
    return tmux("capture-pane", "-p");
  }

  /** The same with everything that left the screen at its top. */
  public String all() {
    return tmux("capture-pane", "-p", "-S", "-");
  }

  /** The same with the escape sequences of colours. */
  public String coloured() {
    return tmux("capture-pane", "-p", "-e", "-S", "-");
  }

  /** Presses keys, in tmux's names, such as {@code C-c}. */
  public void press(String keys) {
    tmux("send-keys", keys);
  }

  /** Makes it larger or smaller. */
  public void resize(int columns, int rows) {
    tmux("resize-window", "-x", String.valueOf(columns), "-y", String.valueOf(rows));
  }

  /** Waits until it shows a text. */
  public String await(String text) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    String shown = screen();
    while (!shown.contains(text)) {
      if (System.nanoTime() > end) {
        throw new AssertionError("Never shown: " + text + "\n" + all());
      }
      pause();
      shown = screen();
    }
    return shown;
  }

  private String tmux(String... arguments) {
    var line = new ArrayList<>(List.of("tmux", "-u", "-f", "/dev/null", "-L", socket));
    line.addAll(List.of(arguments));
    try {
      var builder = new ProcessBuilder(line).redirectErrorStream(true);
      builder.environment().put("LC_ALL", "C.UTF-8");
      builder.environment().remove("NO_COLOR");
      Process process = builder.start();
      process.getOutputStream().close();
      String answer = new String(process.getInputStream().readAllBytes(), UTF_8);
      if (process.waitFor() != 0) {
        throw new AssertionError(String.join(" ", arguments) + ": " + answer);
      }
      return answer;
    } catch (IOException e) {
      throw new UncheckedIOException("No tmux: apt-get install tmux", e);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static void pause() {
    try {
      Thread.sleep(Duration.ofMillis(100));
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() {
    tmux("kill-server");
  }
}
