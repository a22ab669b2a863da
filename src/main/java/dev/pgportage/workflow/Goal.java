package dev.pgportage.workflow;

/** How far an attempt is to go. */
sealed interface Goal {
  /** Until everything is proven. */
  record Ready() implements Goal {}

  /** Until the writes have moved. */
  record CutOver() implements Goal {}

  /**
   * Until one request is carried out or has failed.
   *
   * @param request its number
   */
  record Answered(long request) implements Goal {}
}
