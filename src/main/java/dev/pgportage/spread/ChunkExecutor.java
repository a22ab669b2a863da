package dev.pgportage.spread;

import dev.pgportage.MigrationException;
import dev.pgportage.state.ChunkRounds.Chunk;
import dev.pgportage.state.ChunkRounds.Round;
import java.util.List;

/** Something that does chunks on other machines. Used by one thread at a time. */
public interface ChunkExecutor {
  /**
   * What is to be done.
   *
   * @param round what it is about
   * @param subjects what the chunks are parts of
   * @param chunks numbered from 0, in the order they are to be begun
   */
  record Work(Round round, List<String> subjects, List<Chunk> chunks) {
    /** Copies the lists. */
    public Work {
      subjects = List.copyOf(subjects);
      chunks = List.copyOf(chunks);
    }
  }

  /** Is told how it goes, by the thread that runs it. */
  interface Observer {
    /**
     * A chunk is done; told once of each. If this throws, the round ends.
     *
     * @param outcome as whoever did it wrote it
     */
    void done(int number, String outcome);

    /** Whether nothing is to be read at the moment. */
    default boolean held() {
      return false;
    }

    /**
     * A moment has passed.
     *
     * @throws MigrationException to end the round
     */
    default void meanwhile() {}
  }

  /**
   * Does chunks, each at least once, and returns when all are done. When it throws, none that is
   * not done can be committed any more.
   *
   * @throws MigrationException what a worker met; INTERRUPTED if the calling thread is interrupted
   */
  void run(Work work, Observer observer);
}
