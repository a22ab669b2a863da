package dev.pgportage.workflow;

import dev.pgportage.config.Executor;
import dev.pgportage.flink.FlinkPool;
import dev.pgportage.pg.Side;
import dev.pgportage.spread.ChunkExecutor;
import dev.pgportage.spread.SpreadExecutor;
import java.util.Optional;

/** What does chunks on other machines, as the settings say. */
final class Elsewhere {
  private Elsewhere() {}

  /** Empty if this process does them; it alone does whatever flows back to the source. */
  static Optional<ChunkExecutor> of(Session session) {
    return session.target().side() == Side.SOURCE
        ? Optional.empty()
        : switch (session.config().load().executor()) {
          case Executor.Threads() -> Optional.empty();
          case Executor.Flink flink ->
              Optional.of(
                  new SpreadExecutor(
                      session.target(),
                      session.run(),
                      FlinkPool.of(session.config(), flink, session.monitor())));
        };
  }
}
