package dev.pgportage.cutover;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cutover.Move.Moment;
import java.io.IOException;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command of the user's, run by the shell. What it has to know is in its environment, never in
 * its arguments; what it prints goes to standard error.
 */
record CommandHook(String command, Duration timeout) implements SwitchHook {
  @Override
  public void tell(Moment moment, Move move) {
    var builder = new ProcessBuilder("/bin/sh", "-c", "exec 1>&2\n" + command);
    Map<String, String> environment = builder.environment();
    environment.put("PGPORTAGE_MIGRATION", move.migration());
    environment.put("PGPORTAGE_MOMENT", moment.name().toLowerCase(Locale.ROOT));
    environment.put("PGPORTAGE_DIRECTION", move.direction().name().toLowerCase(Locale.ROOT));
    environment.put("PGPORTAGE_HOST", move.to().host());
    environment.put("PGPORTAGE_PORT", Integer.toString(move.to().port()));
    environment.put("PGPORTAGE_DATABASE", move.to().database());
    environment.put("PGPORTAGE_FROM_HOST", move.from().host());
    environment.put("PGPORTAGE_FROM_PORT", Integer.toString(move.from().port()));
    environment.put("PGPORTAGE_FROM_DATABASE", move.from().database());
    builder.redirectError(ProcessBuilder.Redirect.INHERIT);
    builder.redirectInput(ProcessBuilder.Redirect.from(new java.io.File("/dev/null")));
    run(builder, moment);
  }

  private void run(ProcessBuilder builder, Moment moment) {
    try {
      Process process = builder.start();
      if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        throw failure(moment, "has not ended after " + timeout.toMillis() + " ms", null);
      }
      if (process.exitValue() != 0) {
        throw failure(moment, "ended with exit status " + process.exitValue(), null);
      }
    } catch (IOException e) {
      throw failure(moment, "cannot be run", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The cutover was stopped", e);
    }
  }

  private static MigrationException failure(
      Moment moment, String what, @org.jspecify.annotations.Nullable Throwable cause) {
    return new MigrationException(
        ErrorCode.HOOK_FAILED,
        "cutover.command " + what + " (moment " + moment.name().toLowerCase(Locale.ROOT) + ")",
        cause);
  }
}
