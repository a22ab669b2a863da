package dev.pgportage.config;

import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How clients are led from one database to the other: hooks, all of them optional.
 *
 * @param command run by the shell
 * @param webhook sent a JSON document by POST
 * @param webhookHeader sent along, such as {@code Authorization: Bearer …}; a secret
 * @param timeout how long each hook may take
 * @param poolers the PgBouncers that are paused, led to the other database, and resumed
 * @param poolerDatabase what the database is called there; empty for the source database's name
 */
public record Switching(
    Optional<String> command,
    Optional<String> webhook,
    Optional<Secret> webhookHeader,
    Duration timeout,
    List<Pooler> poolers,
    Optional<String> poolerDatabase) {
  private static final Duration USUAL = Duration.ofSeconds(30);

  /** Copies the list. */
  public Switching {
    poolers = List.copyOf(poolers);
  }

  /** No hooks. */
  public static Switching none() {
    return new Switching(
        Optional.empty(), Optional.empty(), Optional.empty(), USUAL, List.of(), Optional.empty());
  }

  /**
   * One PgBouncer.
   *
   * @param console its admin console
   * @param file its configuration, where this program can write it; else the command leads it
   */
  public record Pooler(Endpoint console, Optional<Path> file) {}
}
