package dev.pgportage.demo;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A shell that waits for this program's end, however it ends, and then stops a server and removes
 * its directory.
 *
 * <p>It reads from a pipe that the kernel closes with this program. A line on it says that the
 * server was closed in good order and there is nothing to do.
 */
final class ServerWatch implements AutoCloseable {
  private static final String SCRIPT =
      """
      trap '' HUP INT TERM
      directory=$1; shift
      read -r _ && exit 0
      "$@" >/dev/null 2>&1
      [ -z "$directory" ] || rm -rf "$directory"
      """;

  private final Process shell;

  /**
   * Starts watching.
   *
   * @param stop the command that stops the server
   * @param directory what to remove after it, or null
   */
  ServerWatch(Command stop, @Nullable Path directory) throws IOException {
    var line = new ArrayList<>(List.of("sh", "-c", SCRIPT, "pgportage-watch"));
    line.add(directory == null ? "" : directory.toString());
    line.addAll(stop.line());
    var builder =
        new ProcessBuilder(line)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .redirectError(ProcessBuilder.Redirect.DISCARD);
    Command.cleanEnvironment(builder);
    shell = builder.start();
  }

  /** Ends the watch: the server is closed. */
  @Override
  public void close() {
    try (var pipe = shell.getOutputStream()) {
      pipe.write('\n');
    } catch (IOException _) {
      // The shell is gone already, and with it the watch.
    }
  }
}
