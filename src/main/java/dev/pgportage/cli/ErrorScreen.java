package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.SqlFailures;
import java.io.PrintStream;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * How a failure is shown: code and what happened, what to do, where to read more, the exit status.
 * Messages of causes are never shown, since they may hold rows or secrets.
 */
final class ErrorScreen {
  private ErrorScreen() {}

  /** The product's failure for whatever was thrown. */
  static MigrationException failure(Throwable thrown) {
    return switch (thrown) {
      case MigrationException failure -> failure;
      case SQLException e -> SqlFailures.translate(e, ErrorCode.SQL_FAILED, "A statement failed");
      case OutOfMemoryError _ ->
          new MigrationException(
              ErrorCode.INTERNAL,
              "The memory is full",
              "Give Java more, such as with JAVA_TOOL_OPTIONS=-Xmx2g, or lower load.workers and"
                  + " apply.batch_size.",
              thrown);
      default ->
          new MigrationException(
              ErrorCode.INTERNAL, thrown.getClass().getName() + place(thrown), thrown);
    };
  }

  static void print(PrintStream err, Style style, MigrationException failure, boolean debug) {
    ErrorCode code = failure.code();
    err.println(style.red(code + ":") + " " + failure.what());
    failure.remedy().lines().forEach(line -> err.println("  " + line));
    err.println(style.dim("  " + documentation(code) + ", exit status " + code.exitStatus()));
    if (debug) {
      printFrames(err, failure);
    }
  }

  /** A code's place in the documentation. */
  static String documentation(ErrorCode code) {
    return "docs/errors.md#" + code.anchor();
  }

  private static String place(Throwable thrown) {
    StackTraceElement[] frames = thrown.getStackTrace();
    return frames.length == 0 ? "" : " at " + frames[0];
  }

  private static void printFrames(PrintStream err, Throwable failure) {
    String relation = "";
    for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
      err.println("  " + relation + cause.getClass().getName());
      for (StackTraceElement frame : cause.getStackTrace()) {
        err.println("      at " + frame);
      }
      relation = "caused by ";
    }
  }
}
