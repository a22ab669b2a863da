package dev.pgportage.testing;

import dev.pgportage.demo.EmbeddedServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/** The program behind {@code ./dev pg start}: a server that runs until this process is ended. */
final class BackgroundServer {
  private static final int FIRST_PORT = 5400;

  private BackgroundServer() {}

  /**
   * Starts the server of the major version in the first argument, in the directory in the second.
   *
   * <p>The file {@code url} there holds its URL while it runs, {@code pid} this process's id.
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    int major = Integer.parseInt(arguments[0]);
    Path directory = Path.of(arguments[1]);
    Path url = directory.resolve("url");
    var server =
        EmbeddedServer.start(
            EmbeddedServer.Options.version(major).onPort(FIRST_PORT + major).in(directory));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(server, url)));
    Files.writeString(directory.resolve("pid"), ProcessHandle.current().pid() + "\n");
    Files.writeString(url, server.superuserUrl("postgres") + "\n");
    new CountDownLatch(1).await();
  }

  private static void stop(EmbeddedServer server, Path url) {
    server.close();
    try {
      Files.delete(url);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
