package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.LoadLedger.Cut;
import org.junit.jupiter.api.Test;

class ChunkTest {
  private static final long MB = 1 << 20;

  @Test
  void staysWholeWhenTheSourceHasNoTidRanges() {
    var table = Tables.of("t").sized(100 * MB, 12_800).build();
    assertThat(Chunk.cut(table, MB, 2, 13)).isEqualTo(new Cut(1, 12_800));
    assertThat(Chunk.cut(table, MB, 2, 14)).isEqualTo(new Cut(100, 128));
  }

  @Test
  void staysWholeWhenUnlogged() {
    var table = Tables.of("t").sized(100 * MB, 12_800).unlogged().build();
    assertThat(Chunk.cut(table, MB, 2, 15).chunks()).isEqualTo(1);
  }

  @Test
  void takesFewerPagesWhenToastIsLarge() {
    var table = Tables.of("t").sized(100 * MB, 100).build();
    assertThat(Chunk.cut(table, MB, 2, 15)).isEqualTo(new Cut(100, 1));
  }

  @Test
  void keepsAllWorkersBusyToTheEnd() {
    var table = Tables.of("t").sized(1600 * MB, 160_000).build();
    assertThat(Chunk.cut(table, 200 * MB, 2, 15)).isEqualTo(new Cut(16, 10_000));
    assertThat(Chunk.cut(table, 256 * MB, 64, 15)).isEqualTo(new Cut(50, 3200));
    assertThat(Chunk.cut(table, 1600 * MB, 3, 15).chunks()).isEqualTo(1);
  }

  @Test
  void staysWholeWhereOneStreamIsFasterThanTwo() {
    var table = Tables.of("t").sized(1600 * MB, 160_000).build();
    assertThat(Chunk.cut(table, 256 * MB, 2, 15).chunks()).isEqualTo(1);
    assertThat(Chunk.cut(table, 256 * MB, 3, 15).chunks()).isEqualTo(25);
    var larger = Tables.of("t").sized(4097 * MB, 400_000).build();
    assertThat(Chunk.cut(larger, 256 * MB, 2, 15).chunks()).isEqualTo(17);
  }

  @Test
  void hasOpenEnds() {
    assertThat(new Chunk(0, 0, Chunk.OPEN).condition()).isEmpty();
    assertThat(new Chunk(0, 0, 8).condition()).hasValue("ctid < '(8,0)'::tid");
    assertThat(new Chunk(1, 8, 16).condition())
        .hasValue("ctid >= '(8,0)'::tid AND ctid < '(16,0)'::tid");
    assertThat(new Chunk(2, 16, Chunk.OPEN).condition()).hasValue("ctid >= '(16,0)'::tid");
  }
}
