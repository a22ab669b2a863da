package dev.pgportage.demo;

import dev.pgportage.testing.Servers;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;

/** Another JVM that starts an embedded server, for tests that kill it or race two of them. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  /**
   * Starts the other JVM.
   *
   * @param home its {@code pgportage.home}
   * @param environment what its environment has in place of this one's
   */
  ServerProcess(Path home, int major, Map<String, String> environment) throws IOException {
    var line =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx64m",
            "-Dpgportage.home=" + home,
            "-cp",
            System.getProperty("java.class.path"),
            ServerProcess.class.getName(),
            String.valueOf(major));
    var builder = new ProcessBuilder(line).redirectErrorStream(true);
    builder.environment().putAll(environment);
    process = builder.start();
    output = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Waits for the server; returns its directory, or what the JVM said instead. */
  Path directory() throws IOException {
    String line = output.readLine();
    if (line == null || !line.startsWith("directory ")) {
      throw new AssertionError(line + "\n" + String.join("\n", output.readAllLines()));
    }
    return Path.of(line.substring("directory ".length()));
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    output.close();
  }

  public static void main(String[] arguments) throws InterruptedException {
    var server = EmbeddedServer.start(Servers.options(Integer.parseInt(arguments[0])));
    System.out.println("directory " + server.directory());
    new CountDownLatch(1).await();
  }
}
