package dev.pgportage.notify;

import dev.pgportage.config.NoticeKind;
import java.time.Instant;
import java.util.List;

/**
 * One thing people are told.
 *
 * @param kind what sort of thing
 * @param topic what it is about, a stable word: of one topic there is one message until it ends
 * @param over whether it tells that the topic's trouble has ended
 * @param at when it happened
 * @param headline a few words that begin with what matters
 * @param happened what happened, whole sentences
 * @param means what it means for whoever reads it
 * @param next what to do, each a sentence or a command; empty if there is nothing
 */
public record Notice(
    NoticeKind kind,
    String topic,
    boolean over,
    Instant at,
    String headline,
    String happened,
    String means,
    List<Step> next) {

  /**
   * One thing to do.
   *
   * @param text why, or when
   * @param command what to type; empty if it is not a command
   */
  public record Step(String text, String command) {}

  /** Copies the list. */
  public Notice {
    next = List.copyOf(next);
  }
}
