package dev.pgportage.state;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.Locale;
import java.util.stream.Stream;

/** What one process can ask of the one that runs a migration. */
public enum RequestKind {
  /** Compare rows now. */
  VALIDATE,
  /** Say how a cutover would go; stop nobody. */
  REHEARSE,
  /** Move the writes to the target. */
  CUTOVER,
  /** Move the writes back to the source. */
  ROLLBACK,
  /** Stay on the source, and remove everything that was made. */
  ABANDON;

  /** The kind's name in the state and in messages, such as {@code cutover}. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  static RequestKind of(String label) {
    return Stream.of(values())
        .filter(kind -> kind.label().equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new MigrationException(
                    ErrorCode.STATE_NEWER,
                    "The state holds a request that this version does not know: " + label));
  }
}
