package dev.pgportage.pg;

/** Which of the two databases something is about. */
public enum Side {
  /** The database the rows come from. */
  SOURCE("source"),
  /** The database the rows go to. */
  TARGET("target");

  private final String label;

  Side(String label) {
    this.label = label;
  }

  /** The word as it is printed. */
  @Override
  public String toString() {
    return label;
  }
}
