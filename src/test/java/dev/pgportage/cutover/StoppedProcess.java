package dev.pgportage.cutover;

import dev.pgportage.pg.Sql;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;

/** A session's server process that stands still: it does not even end when it is told to. */
final class StoppedProcess implements AutoCloseable {
  private final long process;

  StoppedProcess(Connection session) throws IOException, InterruptedException, SQLException {
    process = Sql.queryLong(session, "SELECT pg_backend_pid()");
    signal("STOP");
  }

  void goOn() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    new ProcessBuilder("kill", "-" + name, Long.toString(process)).start().waitFor();
  }

  @Override
  public void close() throws IOException, InterruptedException {
    goOn();
  }
}
