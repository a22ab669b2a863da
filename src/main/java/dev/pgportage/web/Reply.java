package dev.pgportage.web;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.pgportage.workflow.ReportJson;

/**
 * What is sent for a request.
 *
 * @param status the status
 * @param type the media type
 * @param body the content
 */
@SuppressWarnings("ArrayRecordComponent") // Written once, and never compared.
record Reply(int status, String type, byte[] body) {
  static final String JSON = "application/json; charset=utf-8";

  /** A value as JSON. */
  static Reply json(Object value) {
    return json(200, value);
  }

  /** A value as JSON, with a status. */
  static Reply json(int status, Object value) {
    return new Reply(status, JSON, bytes(value));
  }

  static Reply text(String type, String text) {
    return new Reply(200, type, text.getBytes(UTF_8));
  }

  /** A value as JSON on one line. */
  static byte[] bytes(Object value) {
    try {
      return ReportJson.mapper().writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Cannot write the answer as JSON", e);
    }
  }

  /**
   * What a failed request gets, in the form of every command's {@code error}.
   *
   * @param error what went wrong
   */
  record Problem(Fault error) {
    /**
     * What went wrong.
     *
     * @param code a stable word
     * @param message what happened
     * @param remedy what to do, empty if there is nothing
     */
    record Fault(String code, String message, String remedy) {}

    static Problem of(String code, String message, String remedy) {
      return new Problem(new Fault(code, message, remedy));
    }
  }
}
