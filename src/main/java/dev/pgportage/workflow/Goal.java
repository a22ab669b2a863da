package dev.pgportage.workflow;

/** How far an attempt is to go. */
sealed interface Goal {
  /** Until everything is proven. */
  record Ready() implements Goal {}

  /** Until the writes have moved. */
  record CutOver() implements Goal {}

  /** Until it is told to end: past the cutover, too, while changes flow back. */
  record End() implements Goal {}

  /**
   * Until one request is carried out or has failed.
   *
   * @param request its number
   */
  record Answered(long request) implements Goal {}
}
