package dev.pgportage.job;

import java.time.Duration;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;

/**
 * The job's main class. In batch mode workers begin as slots become free, and each is a region of
 * its own: one that is lost takes no other with it.
 */
public final class ChunkJob {
  private static final int RESTARTS = Integer.MAX_VALUE;

  private ChunkJob() {}

  /** Submits the job to the cluster whose process this is. */
  public static void main(String[] arguments) throws Exception {
    JobSettings settings = JobSettings.of(arguments);
    var configuration = new Configuration();
    configuration.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
    // Whoever opened the round decides when enough was tried: it cancels the job.
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
    configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
    configuration.set(
        RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofSeconds(1));
    StreamExecutionEnvironment environment =
        StreamExecutionEnvironment.getExecutionEnvironment(configuration);
    environment
        .fromSource(
            new ChunkSource(settings), WatermarkStrategy.noWatermarks(), "chunks", Types.INT)
        .setParallelism(settings.workers())
        .sinkTo(new DiscardingSink<>())
        .setParallelism(settings.workers())
        .name("done");
    environment.execute("pgportage " + settings.migration());
  }
}
