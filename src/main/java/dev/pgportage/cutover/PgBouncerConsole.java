package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A session on a PgBouncer's admin console, by psql: the JDBC driver asks for settings that a
 * console refuses. The password is in psql's environment, never in its arguments.
 */
final class PgBouncerConsole implements AutoCloseable {
  private static final String END = "pgportage-end-of-answer";
  private static final String SEPARATOR = "\u001f";

  private final Process process;
  private final BufferedWriter questions;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private PgBouncerConsole(Process process) {
    this.process = process;
    this.questions =
        new BufferedWriter(
            new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
    Thread.ofVirtual().start(this::read);
  }

  static PgBouncerConsole open(Endpoint endpoint) throws IOException {
    Endpoint.Tls tls = endpoint.tls();
    var builder =
        new ProcessBuilder(
            program(),
            "--no-psqlrc",
            "--quiet",
            "--no-align",
            "--no-password",
            "--field-separator=" + SEPARATOR,
            "--pset=footer=off");
    Map<String, String> environment = builder.environment();
    environment.put("PGHOST", endpoint.host());
    environment.put("PGPORT", Integer.toString(endpoint.port()));
    environment.put("PGDATABASE", endpoint.database());
    environment.put("PGUSER", endpoint.user());
    environment.put(
        "PGPASSWORD", Optional.ofNullable(endpoint.password()).map(Secret::reveal).orElse(""));
    environment.put("PGAPPNAME", "pgportage");
    environment.put(
        "PGCONNECT_TIMEOUT", Long.toString(Math.max(2, endpoint.connectTimeout().toSeconds())));
    environment.put("PGSSLMODE", tls.mode());
    environment.remove("PGOPTIONS");
    environment.remove("PGSERVICE");
    String root =
        Optional.ofNullable(tls.rootCert())
            .filter(file -> !file.equals("system"))
            .orElse(systemRoots());
    if (tls.mode().startsWith("verify")) {
      environment.put("PGSSLROOTCERT", root);
    }
    Optional.ofNullable(tls.cert()).ifPresent(file -> environment.put("PGSSLCERT", file));
    Optional.ofNullable(tls.key()).ifPresent(file -> environment.put("PGSSLKEY", file));
    builder.redirectErrorStream(true);
    return new PgBouncerConsole(builder.start());
  }

  /** As pg_dump is found. */
  private static String program() {
    String directory = System.getenv("PGPORTAGE_PG_BIN");
    return directory == null ? "psql" : Path.of(directory, "psql").toString();
  }

  private static String systemRoots() {
    return List.of(
            "/etc/ssl/certs/ca-certificates.crt",
            "/etc/pki/tls/certs/ca-bundle.crt",
            "/etc/ssl/cert.pem")
        .stream()
        .filter(file -> Files.exists(Path.of(file)))
        .findFirst()
        .orElse("system");
  }

  private void read() {
    try (var reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
      }
    } catch (IOException e) {
      lines.add("error: " + e.getMessage());
    }
    lines.add(END);
  }

  /**
   * Sends a command, and waits for its answer.
   *
   * @return its rows, by the names of their columns
   * @throws MigrationException HOOK_FAILED with the console's message, or if it takes too long
   */
  List<Map<String, String>> run(String command, Duration patience) {
    try {
      questions.write(command + ";\n\\echo " + END + "\n");
      questions.flush();
    } catch (IOException e) {
      // Why psql has ended is among the lines.
      lines.add(END);
    }
    return rows(answer(command, patience));
  }

  private List<String> answer(String command, Duration patience) {
    var answer = new ArrayList<String>();
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (true) {
        String line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null) {
          throw failure(command + " has not ended after " + patience.toMillis() + " ms");
        }
        if (line.equals(END)) {
          requireAlive(answer);
          return answer;
        }
        if (line.contains("ERROR:") || line.startsWith("psql: error")) {
          throw failure(line.substring(Math.max(0, line.indexOf("ERROR:"))).strip());
        }
        answer.add(line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  private void requireAlive(List<String> answer) throws InterruptedException {
    if (process.waitFor(1, TimeUnit.MILLISECONDS)) {
      throw failure(answer.isEmpty() ? "psql has ended" : String.join(" ", answer));
    }
  }

  private static List<Map<String, String>> rows(List<String> answer) {
    var rows = new ArrayList<Map<String, String>>();
    if (answer.isEmpty()) {
      return rows;
    }
    String[] names = answer.getFirst().split(SEPARATOR, -1);
    for (String line : answer.subList(1, answer.size())) {
      String[] values = line.split(SEPARATOR, -1);
      var row = new HashMap<String, String>();
      for (int i = 0; i < Math.min(names.length, values.length); i++) {
        row.put(names[i], values[i]);
      }
      rows.add(row);
    }
    return rows;
  }

  private static MigrationException failure(String what) {
    return new MigrationException(ErrorCode.HOOK_FAILED, what);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
