package dev.pgportage.spread;

import dev.pgportage.MigrationException;
import dev.pgportage.state.ChunkRounds.Chunk;
import java.util.function.IntFunction;

/**
 * What is done with the chunks of one round, in the process of a worker. Used by one thread, but
 * {@link #hold} and {@link #stop} are for others.
 */
public interface ChunkWork {
  /**
   * Does a chunk, unless it is done, or another's.
   *
   * @param subjects finds the text of what a chunk is a part of, by its number
   * @throws MigrationException why the round cannot go on
   */
  void perform(long round, Chunk chunk, IntFunction<String> subjects) throws InterruptedException;

  /** Pauses in the middle of a chunk, or goes on; where it cannot, no other is handed out. */
  default void hold(boolean held) {}

  /** Ends whatever is done. */
  void stop();
}
