package dev.pgportage.pg;

import java.util.Objects;

/** A password or key that shows itself only to who asks for it by name: it prints as stars. */
public final class Secret {
  private final String value;

  /** Wraps a secret. */
  public Secret(String value) {
    this.value = Objects.requireNonNull(value);
  }

  /** The secret itself; pass it on, never into a message. */
  public String reveal() {
    return value;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Secret secret && secret.value.equals(value);
  }

  @Override
  public int hashCode() {
    return value.hashCode();
  }

  @Override
  public String toString() {
    return "********";
  }
}
