package dev.pgportage.workflow;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a cutover is asked for.
 *
 * @param when when it may begin; empty for now
 */
record CutoverWish(Optional<AutoCutover.Conditions> when) {
  @SuppressWarnings("NullableOptional") // JSON without the key says null.
  CutoverWish(@Nullable Optional<AutoCutover.Conditions> when) {
    this.when = when == null ? Optional.empty() : when;
  }
}
