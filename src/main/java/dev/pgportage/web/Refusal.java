package dev.pgportage.web;

/** A request that is not answered, with the status and the reason that are sent instead. */
final class Refusal extends RuntimeException {
  private final int status;
  private final String code;

  /**
   * A refusal.
   *
   * @param code a stable word for programs
   * @param reason one sentence for people; holds nothing of the request
   */
  Refusal(int status, String code, String reason) {
    super(reason, null, false, false);
    this.status = status;
    this.code = code;
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String reason() {
    return String.valueOf(getMessage());
  }
}
