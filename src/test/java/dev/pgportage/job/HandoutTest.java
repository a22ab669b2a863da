package dev.pgportage.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.ChunkRounds.Chunk;
import dev.pgportage.state.ChunkRounds.Open;
import dev.pgportage.state.ChunkRounds.Round;
import dev.pgportage.state.ChunkRounds.Sides;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class HandoutTest {
  private final Handout handout = new Handout();

  @Test
  void givesNoMoreThanEachServerMayHaveSessions() {
    handout.see(
        open(1, false, 1, 2),
        List.of(
            chunk(0, Sides.SOURCE),
            chunk(1, Sides.SOURCE),
            chunk(2, Sides.TARGET),
            chunk(3, Sides.BOTH),
            chunk(4, Sides.TARGET)));
    assertThat(next(1)).contains(0);
    assertThat(next(2)).as("the source has its one").contains(2);
    assertThat(next(3)).contains(4);
    assertThat(next(4)).isEmpty();
    handout.free(1);
    assertThat(next(1)).contains(1);
    handout.free(2);
    assertThat(next(2)).as("both sides would be needed").isEmpty();
    handout.free(1);
    assertThat(next(1)).contains(3);
  }

  @Test
  void givesWhatALostWorkerHadToTheNextOneThatAsks() {
    handout.see(open(1, false, 9, 9), List.of(chunk(0, Sides.BOTH), chunk(1, Sides.BOTH)));
    assertThat(next(1)).contains(0);
    handout.free(1);
    assertThat(next(1)).contains(1);
    handout.lost(1);
    handout.lost(1);
    assertThat(next(2)).as("only what was not done").contains(1);
    assertThat(next(3)).isEmpty();
  }

  @Test
  void givesNothingWhileTheRoundIsHeldAndNothingOfAFormerOne() {
    handout.see(open(1, true, 9, 9), List.of(chunk(0, Sides.BOTH)));
    assertThat(next(1)).isEmpty();
    handout.see(open(1, false, 9, 9), List.of());
    assertThat(next(1)).contains(0);
    handout.see(open(2, false, 9, 9), List.of(chunk(0, Sides.BOTH), chunk(7, Sides.BOTH)));
    assertThat(next(2)).contains(0);
    handout.lost(1);
    assertThat(next(3)).contains(7);
    handout.see(Optional.empty(), List.of());
    handout.lost(2);
    assertThat(next(1)).isEmpty();
  }

  private Optional<Integer> next(int worker) {
    return handout.next(worker).map(Chunk::number);
  }

  private static Chunk chunk(int number, Sides sides) {
    return new Chunk(number, 0, number, sides);
  }

  private static Optional<Open> open(long id, boolean held, int source, int target) {
    return Optional.of(new Open(id, 1, new Round("load", "{}", source, target), held));
  }
}
