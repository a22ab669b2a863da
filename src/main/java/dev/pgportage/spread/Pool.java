package dev.pgportage.spread;

import dev.pgportage.MigrationException;

/** Where workers come from. Used by one thread. */
public interface Pool {
  /**
   * Sees to it that workers come for a round.
   *
   * @param workers how many at most
   */
  void begin(long round, int workers);

  /**
   * Looks after the workers, now and then; mends what can be mended.
   *
   * @throws MigrationException if no worker will come
   */
  void check();

  /** Sends the workers of the round away; for a pool that others keep, does nothing. */
  void end();

  /** Workers that others keep, whatever there is to do: they find rounds by themselves. */
  static Pool keptByOthers() {
    return new Pool() {
      @Override
      public void begin(long round, int workers) {}

      @Override
      public void check() {}

      @Override
      public void end() {}
    };
  }
}
