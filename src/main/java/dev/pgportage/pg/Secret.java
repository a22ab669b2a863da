package dev.pgportage.pg;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A password or key that shows itself only to who asks for it by name: it prints as stars. It is
 * written down, or asked for anew whenever it is used. Thread-safe if its source is.
 */
public final class Secret {
  /** Where a secret comes from that nobody wrote down. */
  public interface Source {
    /** The secret as it is now. */
    String reveal();

    /**
     * Forgets what may be out of date, after a server refused it.
     *
     * @return whether {@link #reveal} would say something else now
     */
    boolean renew();

    /** Whether it is good for longer than some minutes. */
    default boolean lasts() {
      return true;
    }
  }

  private final @Nullable String value;
  private final @Nullable Source source;

  /** Wraps a secret. */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value);
    this.source = null;
  }

  private Secret(Source source) {
    this.value = null;
    this.source = source;
  }

  /** A secret that is asked for at each use. */
  public static Secret from(Source source) {
    return new Secret(Objects.requireNonNull(source));
  }

  /** The secret itself; pass it on, never into a message. */
  public String reveal() {
    return value != null ? value : Objects.requireNonNull(source).reveal();
  }

  /** Whether asking again could bring another secret than the one a server just refused. */
  public boolean renew() {
    return source != null && source.renew();
  }

  /** Whether it is good for longer than some minutes, so that it can be handed on. */
  public boolean lasts() {
    return source == null || source.lasts();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret
        && Objects.equals(secret.value, value)
        && Objects.equals(secret.source, source);
  }

  @Override
  public int hashCode() {
    return Objects.hash(value, source);
  }

  @Override
  public String toString() {
    return "********";
  }
}
