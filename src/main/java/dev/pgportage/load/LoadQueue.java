package dev.pgportage.load;

import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is left to do, handed out to the workers one task at a time. Thread-safe.
 *
 * <pre>
 *  Begin ──► Part, Part, … ──► Finish ──► the table is complete
 *                    ▲             │
 *                    └── lost ─────┘  (a crash of the target took chunks back)
 *  Whole ────────────────────────────────► the table is complete
 * </pre>
 */
final class LoadQueue {
  /** A piece of work on a table. */
  sealed interface Task {
    TableLoad load();
  }

  /** Begins, copies and completes a table of one chunk, in one transaction. */
  record Whole(TableLoad load) implements Task {}

  /** Begins a table of several chunks. */
  record Begin(TableLoad load) implements Task {}

  /** Copies one chunk of a table that has begun. */
  record Part(TableLoad load, Chunk chunk) implements Task {}

  /** Completes a table whose chunks all have been copied. */
  record Finish(TableLoad load) implements Task {}

  private final Deque<Task> waiting = new ArrayDeque<>();
  private final Map<TableLoad, Integer> partsLeft = new HashMap<>();
  private final Set<TableLoad> left = new HashSet<>();
  private int running;
  private boolean stopped;

  /** The first tasks, in the order they are to be begun. */
  LoadQueue(Collection<Task> first) {
    waiting.addAll(first);
  }

  /**
   * The next task; waits while there is none but one under way may still bring some.
   *
   * @return empty once nothing is left, or the queue was stopped
   */
  synchronized Optional<Task> take() throws InterruptedException {
    while (!stopped && waiting.isEmpty() && running > 0) {
      wait();
    }
    if (stopped || waiting.isEmpty()) {
      return Optional.empty();
    }
    running++;
    return Optional.of(waiting.removeFirst());
  }

  /** A task has been done and brings no other. */
  synchronized void done() {
    running--;
    notifyAll();
  }

  /** A table has begun, or lost chunks again: these are to be copied next, then it is complete. */
  synchronized void doneWith(TableLoad load, List<Chunk> parts) {
    partsLeft.put(load, parts.size());
    parts.reversed().forEach(part -> waiting.addFirst(new Part(load, part)));
    if (parts.isEmpty()) {
      waiting.addFirst(new Finish(load));
    }
    done();
  }

  /** A part has been copied; the last one brings the table's completion. */
  synchronized void doneWith(Part part) {
    if (partsLeft.merge(part.load(), -1, Integer::sum) == 0 && !left.contains(part.load())) {
      waiting.addFirst(new Finish(part.load()));
    }
    done();
  }

  /** A task has failed for good, but only its table's: drops the table's other tasks. */
  synchronized void leave(TableLoad load) {
    waiting.removeIf(task -> task.load() == load);
    left.add(load);
    done();
  }

  /** Hands out nothing any more. */
  synchronized void stop() {
    stopped = true;
    notifyAll();
  }
}
