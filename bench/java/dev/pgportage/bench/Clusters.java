package dev.pgportage.bench;

import dev.pgportage.demo.EmbeddedServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Comparator;
import java.util.concurrent.TimeUnit;

/** A source and a target server, both with the same settings, and the processor time they took. */
final class Clusters implements AutoCloseable {
  /** Debian's pg_dump, and so every peer that uses it, is version 15. */
  static final int MAJOR = 15;

  static final String DATABASE = "bench";
  private static final double TICKS = 100;

  private final Path directory;
  private final EmbeddedServer source;
  private final EmbeddedServer target;

  Clusters(boolean inMemory) throws IOException {
    directory =
        inMemory
            ? Files.createTempDirectory(Path.of("/dev/shm"), "pgportage-bench-")
            : Files.createTempDirectory("pgportage-bench-");
    source = start("source");
    target = start("target");
  }

  private EmbeddedServer start(String name) throws IOException {
    return EmbeddedServer.start(
        EmbeddedServer.Options.version(MAJOR)
            .in(Files.createDirectory(directory.resolve(name)))
            .with("shared_buffers", "512MB")
            .with("max_wal_size", "8GB")
            .with("checkpoint_timeout", "30min")
            .with("maintenance_work_mem", "256MB")
            .with("max_replication_slots", "20")
            .with("max_locks_per_transaction", "512")
            .with("max_wal_senders", "20")
            .with("log_min_messages", "error"));
  }

  EmbeddedServer sourceServer() {
    return source;
  }

  String sourceUrl() {
    return source.superuserUrl(DATABASE);
  }

  String targetUrl() {
    return target.superuserUrl(DATABASE);
  }

  /** Another database on the target's server, made anew. */
  String otherTarget(String name) throws SQLException {
    renew(target, name);
    return target.superuserUrl(name);
  }

  Connection otherTargetSession(String name) throws SQLException {
    return target.superuser(name);
  }

  Connection source() throws SQLException {
    return source.superuser(DATABASE);
  }

  Connection target() throws SQLException {
    return target.superuser(DATABASE);
  }

  /** Makes the source's database anew. */
  void emptySource() throws SQLException {
    renew(source, DATABASE);
  }

  /** Makes the target's database anew, and lets both servers write out what they hold. */
  void emptyTarget() throws SQLException {
    renew(target, DATABASE);
    execute(source, "CHECKPOINT");
    execute(target, "CHECKPOINT");
  }

  /** Lets the target write out what it holds, for the next one to find it at rest. */
  void settle() throws SQLException {
    execute(target, "CHECKPOINT");
  }

  private static void renew(EmbeddedServer server, String database) throws SQLException {
    execute(server, "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
    execute(server, "CREATE DATABASE " + database);
  }

  private static void execute(EmbeddedServer server, String sql) throws SQLException {
    try (Connection connection = server.superuser("postgres");
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  static String text(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(sql)) {
      row.next();
      return row.getString(1);
    }
  }

  /** Waits for a condition of one database. */
  static void await(Connection connection, String condition) throws Exception {
    while (!isTrue(connection, condition)) {
      TimeUnit.MILLISECONDS.sleep(20);
    }
  }

  static boolean isTrue(Connection connection, String condition) throws SQLException {
    return "t".equals(text(connection, "SELECT (" + condition + ")::text::char"));
  }

  /** Seconds a step of the migration took, as the migration itself noted them on the target. */
  double stepSeconds(String name) throws SQLException {
    try (Connection target = target()) {
      return Double.parseDouble(
          text(
              target,
              "SELECT extract(epoch FROM finished_at - started_at) FROM pgportage.step WHERE name = '"
                  + name
                  + "'"));
    }
  }

  /** Seconds of processor time the servers have taken since they were started. */
  Cpu cpu() throws IOException {
    return new Cpu(
        cpuSeconds(directory.resolve("source")), cpuSeconds(directory.resolve("target")));
  }

  /** Seconds of processor time. */
  record Cpu(double source, double target) {
    Cpu minus(Cpu before) {
      return new Cpu(source - before.source, target - before.target);
    }
  }

  /** The postmaster's own, its ended children's, and its living children's. */
  private static double cpuSeconds(Path data) throws IOException {
    Path pidFile;
    try (var files = Files.walk(data, 3)) {
      pidFile =
          files
              .filter(file -> file.getFileName().toString().equals("postmaster.pid"))
              .findFirst()
              .orElseThrow();
    }
    long postmaster = Long.parseLong(Files.readAllLines(pidFile).getFirst().strip());
    double sum = ticks(postmaster, true);
    for (ProcessHandle child : ProcessHandle.of(postmaster).orElseThrow().children().toList()) {
      sum += ticks(child.pid(), false);
    }
    return sum / TICKS;
  }

  private static double ticks(long pid, boolean withEnded) throws IOException {
    Path stat = Path.of("/proc", Long.toString(pid), "stat");
    String line;
    try {
      line = Files.readString(stat);
    } catch (IOException e) {
      // A server's process that has ended meanwhile: the postmaster counts it from now on.
      return 0;
    }
    String[] fields = line.substring(line.lastIndexOf(')') + 2).split(" ", -1);
    double own = Double.parseDouble(fields[11]) + Double.parseDouble(fields[12]);
    return withEnded
        ? own + Double.parseDouble(fields[13]) + Double.parseDouble(fields[14])
        : own;
  }

  @Override
  public void close() throws IOException {
    source.close();
    target.close();
    try (var files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
