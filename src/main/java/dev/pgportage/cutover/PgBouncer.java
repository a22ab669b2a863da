package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.Switching.Pooler;
import dev.pgportage.pg.Endpoint;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One PgBouncer, by its admin console: keeps the clients of one database waiting, and leads them to
 * another server. Source: PgBouncer's manual, "Admin console".
 */
final class PgBouncer {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final int PAUSE_MILLIS = 20;
  private static final String PREFIX = "PgBouncer at ";

  private final Pooler pooler;
  private final String database;
  private final Duration timeout;

  PgBouncer(Pooler pooler, String database, Duration timeout) {
    this.pooler = pooler;
    this.database = database;
    this.timeout = timeout;
  }

  /** Something done at the console. */
  private interface Work<T> {
    T run(PgBouncerConsole console);
  }

  private record Row(String host, int port, String database, boolean paused) {
    boolean leadsTo(Endpoint to) {
      return host.equals(to.host()) && port == to.port() && database.equals(to.database());
    }
  }

  /** How it is told apart from others. */
  String name() {
    return pooler.console().host() + ":" + pooler.console().port() + " " + database;
  }

  /** Whether this program leads it by its file; else somebody else has to. */
  boolean hasFile() {
    return pooler.file().isPresent();
  }

  /**
   * Makes sure, without changing anything, that it could be paused and led elsewhere.
   *
   * @throws MigrationException HOOK_FAILED
   */
  void require() {
    at(
        console -> {
          row(console);
          String admins =
              console.run("SHOW CONFIG", ANSWER).stream()
                  .filter(setting -> setting.getOrDefault("key", "").equals("admin_users"))
                  .map(setting -> setting.getOrDefault("value", ""))
                  .findFirst()
                  .orElse("");
          if (!List.of(admins.split("[\\s,]+")).contains(pooler.console().user())) {
            throw failure("role " + pooler.console().user() + " is not one of its admin_users");
          }
          return true;
        });
    pooler.file().ifPresent(_ -> file().entry());
  }

  /** How its file leads the database now; empty if there is no file. */
  Optional<String> entry() {
    return pooler.file().map(_ -> file().entry());
  }

  /** Keeps clients waiting; returns when no transaction of theirs is under way. */
  void pause() {
    try {
      at(
          console -> {
            if (!row(console).paused) {
              console.run("PAUSE " + database, timeout);
            }
            return true;
          });
    } catch (MigrationException e) {
      resumeAfter(e);
      throw new MigrationException(
          ErrorCode.HOOK_FAILED,
          e.what()
              + ": its clients' transactions did not end within cutover.hook_timeout ("
              + timeout.toMillis()
              + " ms); with pool_mode = session, clients have to disconnect",
          e);
    }
  }

  private void resumeAfter(MigrationException failure) {
    try {
      resume();
    } catch (MigrationException e) {
      failure.addSuppressed(e);
    }
  }

  /** Lets clients go on; does nothing if they are not kept waiting. */
  void resume() {
    at(
        console -> {
          if (row(console).paused) {
            console.run("RESUME " + database, ANSWER);
          }
          return true;
        });
  }

  /** Leads the database elsewhere, and lets clients go on. */
  void lead(Endpoint to, Optional<String> entry) {
    pooler
        .file()
        .ifPresent(
            _ -> {
              PgBouncerFile file = file();
              file.write(entry.orElseGet(() -> PgBouncerFile.leading(file.entry(), to)));
            });
    at(
        console -> {
          console.run("RELOAD", ANSWER);
          awaitLeading(console, to, entry.isPresent());
          if (row(console).paused) {
            console.run("RESUME " + database, ANSWER);
          }
          return true;
        });
  }

  /** A line restored as it was may call the server by another name. */
  private void awaitLeading(PgBouncerConsole console, Endpoint to, boolean restored) {
    long end = System.nanoTime() + timeout.toNanos();
    while (!restored && !row(console).leadsTo(to)) {
      if (System.nanoTime() > end) {
        throw failure(
            "database "
                + database
                + " does not lead to "
                + to.host()
                + ":"
                + to.port()
                + "/"
                + to.database());
      }
      try {
        Thread.sleep(PAUSE_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
      }
      console.run("RELOAD", ANSWER);
    }
  }

  private Row row(PgBouncerConsole console) {
    return console.run("SHOW DATABASES", ANSWER).stream()
        .filter(row -> database.equals(row.get("name")))
        .map(
            row ->
                new Row(
                    row.getOrDefault("host", ""),
                    Integer.parseInt(row.getOrDefault("port", "0")),
                    row.getOrDefault("database", ""),
                    !row.getOrDefault("paused", "0").equals("0")))
        .findFirst()
        .orElseThrow(() -> failure("it has no database " + database));
  }

  private PgBouncerFile file() {
    return new PgBouncerFile(pooler.file().orElseThrow(), database);
  }

  private <T> T at(Work<T> work) {
    try (PgBouncerConsole console = PgBouncerConsole.open(pooler.console())) {
      return work.run(console);
    } catch (IOException e) {
      throw failure("psql cannot be run (Debian: apt-get install postgresql-client)");
    } catch (MigrationException e) {
      throw e.code() == ErrorCode.INTERRUPTED || e.what().startsWith(PREFIX)
          ? e
          : failure(e.what());
    }
  }

  private MigrationException failure(String what) {
    return new MigrationException(
        ErrorCode.HOOK_FAILED,
        PREFIX + pooler.console().host() + ":" + pooler.console().port() + ": " + what);
  }
}
