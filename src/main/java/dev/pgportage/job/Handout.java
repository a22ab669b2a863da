package dev.pgportage.job;

import dev.pgportage.state.ChunkRounds.Chunk;
import dev.pgportage.state.ChunkRounds.Open;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which of a round's chunks wait, and which worker has which: never more at once than either server
 * may have sessions. Used by one thread.
 */
final class Handout {
  private final Deque<Chunk> waiting = new ArrayDeque<>();
  private final Map<Integer, Chunk> out = new HashMap<>();
  private final Set<Integer> known = new HashSet<>();
  private Optional<Open> round = Optional.empty();

  /** Takes note of the open round, and of what of it is not done. */
  void see(Optional<Open> open, List<Chunk> notDone) {
    if (!open.map(Open::id).equals(round.map(Open::id))) {
      waiting.clear();
      out.clear();
      known.clear();
    }
    round = open;
    for (Chunk chunk : notDone) {
      if (known.add(chunk.number())) {
        waiting.addLast(chunk);
      }
    }
  }

  /** A worker has done what it had, or begins anew. */
  void free(int worker) {
    out.remove(worker);
  }

  /** A worker is lost: what it had waits again, before everything else. */
  void lost(int worker) {
    Chunk chunk = out.remove(worker);
    if (chunk != null) {
      waiting.addFirst(chunk);
    }
  }

  /** The next chunk for a worker, if there is one that may be begun now. */
  Optional<Chunk> next(int worker) {
    if (round.isEmpty() || round.get().held()) {
      return Optional.empty();
    }
    int source = count(out.values(), true);
    int target = count(out.values(), false);
    for (Iterator<Chunk> chunks = waiting.iterator(); chunks.hasNext(); ) {
      Chunk chunk = chunks.next();
      boolean room =
          (!chunk.sides().source() || source < round.get().round().sourceSessions())
              && (!chunk.sides().target() || target < round.get().round().targetSessions());
      if (room) {
        chunks.remove();
        out.put(worker, chunk);
        return Optional.of(chunk);
      }
    }
    return Optional.empty();
  }

  private static int count(Collection<Chunk> chunks, boolean source) {
    return (int)
        chunks.stream()
            .filter(chunk -> source ? chunk.sides().source() : chunk.sides().target())
            .count();
  }
}
