package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgportage.state.LoadLedger.Cut;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

class ChunkPropertyTest {
  /** The most pages a table can have. */
  private static final long MOST_PAGES = 4_294_967_294L;

  @Property
  void holdsEveryPageExactlyOnce(
      @ForAll @LongRange(min = 0, max = MOST_PAGES) long pages,
      @ForAll @LongRange(min = 0, max = 1L << 45) long toast,
      @ForAll @LongRange(min = 1, max = 1L << 34) long chunkBytes,
      @ForAll @IntRange(min = 12, max = 18) int major) {
    var table = Tables.of("t").sized(pages * 8192 + toast, pages).build();
    Cut cut = Chunk.cut(table, chunkBytes, 3, major);
    List<Chunk> chunks = Chunk.of(cut);
    assertThat(chunks).hasSize(cut.chunks());
    assertThat(chunks.size()).isBetween(1, 100_000);
    assertThat(chunks.getFirst().fromPage()).isZero();
    assertThat(chunks.getLast().toPage()).isEqualTo(Chunk.OPEN);
    for (int i = 1; i < chunks.size(); i++) {
      assertThat(chunks.get(i).number()).isEqualTo(i);
      assertThat(chunks.get(i).fromPage())
          .isEqualTo(chunks.get(i - 1).toPage())
          .isGreaterThan(chunks.get(i - 1).fromPage());
    }
  }

  @Property
  void keepsChunksNearTheWantedSize(
      @ForAll @LongRange(min = 2, max = 1L << 22) long pages,
      @ForAll @LongRange(min = 0, max = 1L << 35) long toast,
      @ForAll @LongRange(min = 1 << 20, max = 1L << 34) long chunkBytes) {
    var table = Tables.of("t").sized(pages * 8192 + toast, pages).build();
    long onePage = table.bytes() / pages + 1;
    for (Chunk chunk : Chunk.of(Chunk.cut(table, chunkBytes, 3, 15))) {
      assertThat(chunk.bytes(table)).isLessThanOrEqualTo(Math.max(chunkBytes, onePage) + 1);
    }
  }

  @Property
  void addsUpToTheTable(
      @ForAll @LongRange(min = 0, max = 1L << 24) long pages,
      @ForAll @LongRange(min = 1 << 20, max = 1L << 30) long chunkBytes) {
    var table = Tables.of("t").sized(pages * 8192, pages).build();
    List<Chunk> chunks = Chunk.of(Chunk.cut(table, chunkBytes, 3, 15));
    long sum = chunks.stream().mapToLong(chunk -> chunk.bytes(table)).sum();
    assertThat(sum).isEqualTo(table.bytes());
  }
}
