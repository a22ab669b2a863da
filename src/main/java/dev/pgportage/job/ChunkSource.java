package dev.pgportage.job;

import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * A source whose splits are chunks, and whose records are the numbers of chunks that are done. What
 * is left is known from the target's state alone, so it keeps no state of its own. Source: Flink
 * 2.2 manual, "Data Sources".
 */
final class ChunkSource implements Source<Integer, ChunkSplit, Boolean> {
  private final JobSettings settings;

  ChunkSource(JobSettings settings) {
    this.settings = settings;
  }

  @Override
  public Boundedness getBoundedness() {
    return Boundedness.BOUNDED;
  }

  @Override
  public SplitEnumerator<ChunkSplit, Boolean> createEnumerator(
      SplitEnumeratorContext<ChunkSplit> context) {
    return new ChunkEnumerator(context, settings);
  }

  @Override
  public SplitEnumerator<ChunkSplit, Boolean> restoreEnumerator(
      SplitEnumeratorContext<ChunkSplit> context, Boolean nothing) {
    return new ChunkEnumerator(context, settings);
  }

  @Override
  public SimpleVersionedSerializer<ChunkSplit> getSplitSerializer() {
    return new ChunkSplit.Serializer();
  }

  @Override
  public SimpleVersionedSerializer<Boolean> getEnumeratorCheckpointSerializer() {
    return new NoState();
  }

  @Override
  public SourceReader<Integer, ChunkSplit> createReader(SourceReaderContext context) {
    return new ChunkReader(context, settings);
  }

  private static final class NoState implements SimpleVersionedSerializer<Boolean> {
    @Override
    public int getVersion() {
      return 1;
    }

    @Override
    public byte[] serialize(Boolean nothing) {
      return new byte[0];
    }

    @Override
    public Boolean deserialize(int version, byte[] bytes) {
      return Boolean.TRUE;
    }
  }
}
