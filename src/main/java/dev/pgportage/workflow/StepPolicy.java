package dev.pgportage.workflow;

import java.time.Duration;
import java.util.Optional;

/**
 * How a step is run: how often it is begun again after failures that can pass by themselves, and
 * how long it may take.
 *
 * @param mostRetries how often in a row it is begun again without getting on in between
 * @param firstPause about how long is waited before the first of them
 * @param longestPause about how long is waited at most
 * @param timeout how long one attempt may take in all; empty where rows decide, and only standing
 *     still ends it
 */
record StepPolicy(
    int mostRetries, Duration firstPause, Duration longestPause, Optional<Duration> timeout) {
  private static final Duration SECOND = Duration.ofSeconds(1);

  /** As long as a server's restart or failover may take, about five minutes in all. */
  private static final StepPolicy USUAL =
      new StepPolicy(16, SECOND, Duration.ofSeconds(30), Optional.empty());

  /** Questions to the catalogs: soon answered, or never. */
  private static final StepPolicy ASKING =
      new StepPolicy(16, SECOND, Duration.ofSeconds(30), Optional.of(Duration.ofHours(1)));

  /** Replicating goes on for weeks, and a server may be away for a night. */
  private static final StepPolicy LASTING =
      new StepPolicy(60, SECOND, Duration.ofMinutes(1), Optional.empty());

  /** Behind the fence writers wait: whoever asked decides whether to try again. */
  private static final StepPolicy FROZEN =
      new StepPolicy(16, SECOND, Duration.ofSeconds(10), Optional.empty());

  /** The policy of a step, or of connecting before any step. */
  static StepPolicy of(Optional<StepName> step) {
    return step.map(
            name ->
                switch (name) {
                  case ASSESS, SCHEMA -> ASKING;
                  case READY, FINISH -> LASTING;
                  case FENCE,
                      DRAIN,
                      RECOPY,
                      SEQUENCES,
                      PROOF,
                      OPEN,
                      ROLLBACK_FENCE,
                      ROLLBACK_DRAIN,
                      ROLLBACK_RECOPY,
                      ROLLBACK_SEQUENCES,
                      ROLLBACK_PROOF,
                      ROLLBACK_OPEN ->
                      FROZEN;
                  case SLOT,
                      LOAD,
                      LARGE_OBJECTS,
                      RELOAD,
                      CATCH_UP,
                      CONSTRAINTS,
                      VALIDATION,
                      ARM,
                      SWITCH,
                      ROLLBACK_SWITCH,
                      ROLLBACK_FINISH,
                      SHUT ->
                      USUAL;
                })
        .orElse(USUAL);
  }
}
