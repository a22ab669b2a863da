package dev.pgportage.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.workflow.ReportJson;

/**
 * What programs read: one JSON object per command, {@code command}, {@code exit_status}, and {@code
 * result} or {@code error}, in the form of {@link ReportJson}.
 */
final class JsonOutput {
  /** A command's result, or its error, as it is written. */
  record Result(String command, int exitStatus, Object result) {}

  /** A command's failure, as it is written. */
  record Failure(String command, int exitStatus, Fault error) {}

  /**
   * What went wrong.
   *
   * @param code the error's code
   * @param message what happened and to which object
   * @param remedy what to do
   * @param documentation its place in the documentation
   */
  record Fault(ErrorCode code, String message, String remedy, String documentation) {}

  private JsonOutput() {}

  static String result(String command, int exitStatus, Object result) {
    return write(new Result(command, exitStatus, result));
  }

  static String failure(String command, MigrationException failure) {
    return write(new Failure(command, failure.code().exitStatus(), fault(failure)));
  }

  static Fault fault(MigrationException failure) {
    ErrorCode code = failure.code();
    return new Fault(code, failure.what(), failure.remedy(), ErrorScreen.documentation(code));
  }

  /** An object in one line. */
  static String line(Object value) {
    try {
      return ReportJson.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write a line as JSON", e);
    }
  }

  private static String write(Object value) {
    try {
      return ReportJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Cannot write the output as JSON", e);
    }
  }

  /** A constant as it is printed: {@code recopied}, {@code cut-over}. */
  static String word(Enum<?> value) {
    return ReportJson.word(value);
  }
}
