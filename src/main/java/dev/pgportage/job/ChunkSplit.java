package dev.pgportage.job;

import dev.pgportage.state.ChunkRounds;
import dev.pgportage.state.ChunkRounds.Sides;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A chunk on its way to a worker.
 *
 * @param round the round it is of
 * @param chunk which one
 */
record ChunkSplit(long round, ChunkRounds.Chunk chunk) implements SourceSplit {
  @Override
  public String splitId() {
    return round + "-" + chunk.number();
  }

  /** Writes numbers and a word, separated by blanks. */
  static final class Serializer implements SimpleVersionedSerializer<ChunkSplit> {
    private static final int VERSION = 1;
    private static final int PARTS = 5;

    @Override
    public int getVersion() {
      return VERSION;
    }

    @Override
    public byte[] serialize(ChunkSplit split) {
      ChunkRounds.Chunk chunk = split.chunk();
      return "%d %d %d %d %s"
          .formatted(
              split.round(), chunk.number(), chunk.subject(), chunk.part(), chunk.sides().name())
          .getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public ChunkSplit deserialize(int version, byte[] bytes) {
      String[] parts = new String(bytes, StandardCharsets.UTF_8).split(" ", PARTS);
      return new ChunkSplit(
          Long.parseLong(parts[0]),
          new ChunkRounds.Chunk(
              Integer.parseInt(parts[1]),
              Integer.parseInt(parts[2]),
              Integer.parseInt(parts[3]),
              Sides.valueOf(parts[4])));
    }
  }
}
