package dev.pgportage;

import org.jspecify.annotations.Nullable;

/**
 * The one exception the product throws on purpose: what happened, to which object, and (through its
 * code) what to do.
 *
 * <p>The message must hold no row values and no secrets: it is printed, logged and stored.
 */
public final class MigrationException extends RuntimeException {
  private final ErrorCode code;
  private final String remedy;

  /** A failure with its code's own remedy. */
  public MigrationException(ErrorCode code, String what) {
    this(code, what, code.remedy(), null);
  }

  /** A failure with its code's own remedy and the exception that led to it. */
  public MigrationException(ErrorCode code, String what, @Nullable Throwable cause) {
    this(code, what, code.remedy(), cause);
  }

  /** A failure whose remedy is more exact than its code's. */
  public MigrationException(ErrorCode code, String what, String remedy, @Nullable Throwable cause) {
    super(what, cause);
    this.code = code;
    this.remedy = remedy;
  }

  /** What kind of failure this is. */
  public ErrorCode code() {
    return code;
  }

  /** What happened and to which object, without the code. */
  public String what() {
    String message = getMessage();
    return message == null ? code.name() : message;
  }

  /** What the user can do. */
  public String remedy() {
    return remedy;
  }

  /** {@code CODE: what happened} and the remedy, as it is printed. */
  public String display() {
    return code + ": " + what() + "\n  " + remedy;
  }
}
