package dev.pgportage.cutover;

import dev.pgportage.MigrationException;
import dev.pgportage.cutover.Move.Moment;

/** Something outside of both databases that is told when writes move. */
sealed interface SwitchHook permits CommandHook, WebhookHook {
  /**
   * Tells it; returns once it has done its part.
   *
   * @throws MigrationException HOOK_FAILED
   */
  void tell(Moment moment, Move move);
}
