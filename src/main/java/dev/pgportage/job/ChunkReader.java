package dev.pgportage.job;

import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.jspecify.annotations.Nullable;

/**
 * One worker as Flink sees it: asks for a chunk, has it done by a thread of its own, and asks for
 * the next one. All but that thread is Flink's task thread.
 */
final class ChunkReader implements SourceReader<Integer, ChunkSplit> {
  private static final long TO_END_SECONDS = 20;

  private final SourceReaderContext context;
  private final Worker worker;
  private final ExecutorService thread;
  private final Queue<ChunkSplit> done = new ConcurrentLinkedQueue<>();
  private final List<ChunkSplit> had = new ArrayList<>();
  private CompletableFuture<Void> available = new CompletableFuture<>();
  private boolean noMore;
  private volatile @Nullable Throwable failure;

  ChunkReader(SourceReaderContext context, JobSettings settings) {
    this.context = context;
    JdbcDriver.use();
    int number = context.getIndexOfSubtask() + 1;
    worker = new Worker(settings, number);
    thread =
        Executors.newSingleThreadExecutor(
            task -> Thread.ofPlatform().name("chunk-worker-" + number).daemon().unstarted(task));
  }

  @Override
  public void start() {
    context.sendSplitRequest();
  }

  @Override
  public void addSplits(List<ChunkSplit> splits) {
    for (ChunkSplit split : splits) {
      had.add(split);
      thread.execute(() -> perform(split));
    }
  }

  private void perform(ChunkSplit split) {
    try {
      worker.perform(split);
      done.add(split);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      failure = e;
    } catch (RuntimeException | Error e) {
      failure = e;
    }
    wake();
  }

  private void wake() {
    CompletableFuture<Void> waiting;
    synchronized (this) {
      waiting = available;
    }
    waiting.complete(null);
  }

  @Override
  public InputStatus pollNext(ReaderOutput<Integer> output) throws Exception {
    synchronized (this) {
      if (available.isDone()) {
        available = new CompletableFuture<>();
      }
    }
    Throwable met = failure;
    if (met != null) {
      throw new IllegalStateException("A worker cannot go on: " + met.getMessage(), met);
    }
    ChunkSplit split = done.poll();
    if (split != null) {
      had.remove(split);
      output.collect(split.chunk().number());
      context.sendSplitRequest();
      return done.isEmpty() ? InputStatus.NOTHING_AVAILABLE : InputStatus.MORE_AVAILABLE;
    }
    return noMore && had.isEmpty() ? InputStatus.END_OF_INPUT : InputStatus.NOTHING_AVAILABLE;
  }

  @Override
  public synchronized CompletableFuture<Void> isAvailable() {
    return available;
  }

  @Override
  public List<ChunkSplit> snapshotState(long checkpoint) {
    return List.copyOf(had);
  }

  @Override
  public void notifyNoMoreSplits() {
    noMore = true;
    wake();
  }

  @Override
  public void handleSourceEvents(SourceEvent event) {
    if (event instanceof RoundEvent round) {
      worker.hear(round);
    }
  }

  @Override
  public void close() throws Exception {
    worker.stop();
    thread.shutdownNow();
    var _ = thread.awaitTermination(TO_END_SECONDS, TimeUnit.SECONDS);
    JdbcDriver.release();
  }
}
