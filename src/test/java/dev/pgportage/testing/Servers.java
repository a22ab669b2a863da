package dev.pgportage.testing;

import dev.pgportage.demo.EmbeddedServer;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The PostgreSQL servers of this JVM's tests: one of each version, started when first asked for,
 * running until the JVM ends. Thread-safe.
 *
 * <p>A test that stops, restarts or reconfigures a server starts one of its own with {@link
 * #options}.
 */
public final class Servers {
  private static final Map<Integer, EmbeddedServer> SHARED = new ConcurrentHashMap<>();

  private Servers() {}

  /** Every version the embedded servers come in, oldest first. */
  public static Stream<Integer> versions() {
    return IntStream.rangeClosed(15, 18).boxed();
  }

  /** The shared server of a version. */
  public static EmbeddedServer version(int major) {
    return SHARED.computeIfAbsent(major, key -> EmbeddedServer.start(options(key)));
  }

  /** What servers for tests are started with: no fsync, little memory. */
  public static EmbeddedServer.Options options(int major) {
    return EmbeddedServer.Options.version(major)
        .notDurable()
        .with("shared_buffers", "32MB")
        .with("max_wal_size", "1GB")
        .with("wal_keep_size", "0")
        .with("log_min_messages", "warning");
  }
}
