package dev.pgportage.fleet;

import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.config.MigrationConfig;
import java.util.List;

/**
 * The heap that migrations of one process share: batches of all of them together take no more than
 * half of it.
 */
final class FleetMemory {
  /** A batch is applied while the next one waits. */
  private static final int BATCHES = 2;

  private static final long LEAST = 1L << 20;

  private FleetMemory() {}

  /** The same migrations with batches no larger than their share. */
  static List<Member> shared(List<Member> members) {
    long share =
        Math.max(
            LEAST, Runtime.getRuntime().maxMemory() / 2 / BATCHES / Math.max(1, members.size()));
    return members.stream()
        .map(member -> new Member(member.group(), within(member.config(), share)))
        .toList();
  }

  private static MigrationConfig within(MigrationConfig config, long share) {
    return config.apply().batchBytes() <= share ? config : config.withBatches(share);
  }
}
