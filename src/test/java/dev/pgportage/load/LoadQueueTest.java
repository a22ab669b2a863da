package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.load.LoadQueue.Begin;
import dev.pgportage.load.LoadQueue.Finish;
import dev.pgportage.load.LoadQueue.Part;
import dev.pgportage.load.LoadQueue.Whole;
import dev.pgportage.state.LoadLedger.Cut;
import dev.pgportage.telemetry.Monitor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class LoadQueueTest {
  private final TableLoad big = load("big", 2);
  private final TableLoad small = load("small", 1);
  private final LoadQueue queue = new LoadQueue(List.of(new Begin(big), new Whole(small)));

  private static TableLoad load(String name, int chunks) {
    var table = Tables.of(name).column("id", "integer").sized(16_384, 2).build();
    return new TableLoad(
        table, CopyFormat.BINARY, new Cut(chunks, 1), Optional.empty(), Monitor.none());
  }

  @Test
  void completesATableBeforeItBeginsTheNext() throws Exception {
    assertThat(queue.take()).hasValue(new Begin(big));
    queue.doneWith(big, big.chunks());
    for (Chunk chunk : big.chunks()) {
      var part = new Part(big, chunk);
      assertThat(queue.take()).hasValue(part);
      queue.doneWith(part);
    }
    assertThat(queue.take()).hasValue(new Finish(big));
    queue.done();
    assertThat(queue.take()).hasValue(new Whole(small));
    queue.done();
    assertThat(queue.take()).isEmpty();
  }

  @Test
  void handsLostChunksOutAgain() throws Exception {
    queue.take();
    queue.doneWith(big, List.of());
    assertThat(queue.take()).hasValue(new Finish(big));
    var lost = big.chunks().getLast();
    queue.doneWith(big, List.of(lost));
    assertThat(queue.take()).hasValue(new Part(big, lost));
  }

  @Test
  void dropsTheTasksOfALeftTable() throws Exception {
    queue.take();
    queue.doneWith(big, big.chunks());
    queue.take();
    queue.leave(big);
    assertThat(queue.take()).hasValue(new Whole(small));
  }

  @Test
  void waitsForWhatOthersMayBring() throws Exception {
    queue.take();
    queue.take();
    var waiter = new Thread(() -> queue.doneWith(big, big.chunks()));
    waiter.start();
    assertThat(queue.take()).hasValue(new Part(big, big.chunks().getFirst()));
    waiter.join();
  }

  @Test
  void handsOutNothingWhenStopped() throws Exception {
    queue.take();
    queue.stop();
    assertThat(queue.take()).isEmpty();
  }
}
