package dev.pgportage.config;

import java.util.Locale;

/** What people are told of by a notification, and can choose for each channel. */
public enum NoticeKind {
  /** The migration begins. */
  STARTED(false),
  /** It cannot begin: findings block it. */
  ASSESSMENT_FAILED(false),
  /** Every row is loaded, and changes are replicated. */
  LOADED(false),
  /** Proven and replicating: the cutover can come. */
  READY(false),
  /** The target is the database now. */
  CUT_OVER(false),
  /** The source is the database again. */
  ROLLED_BACK(false),
  /** The migration, or a cutover, ended with an error. */
  FAILED(false),
  /** The lag is over its limit. */
  LAG(true),
  /** Nothing moves on, or the same thing fails again and again. */
  STALL(true),
  /** The source keeps much WAL, or something else of it is in danger. */
  WAL(true),
  /** A validation found rows that differ. */
  DIFFERENCE(true),
  /** A change of the source's schema waits for somebody. */
  DDL(true);

  private final boolean trouble;

  NoticeKind(boolean trouble) {
    this.trouble = trouble;
  }

  /** Whether it is a state that ends, and of which the end is told, too. */
  public boolean trouble() {
    return trouble;
  }

  /** The word in the file, such as {@code cut-over}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
