package dev.pgportage.workflow;

import dev.pgportage.cutover.CutoverReport;
import dev.pgportage.cutover.RollbackReport;
import dev.pgportage.state.RequestKind;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The record of a migration, to be kept: what was done, when and by whom, and the proof of it. It
 * holds names of objects and digests, and neither rows nor secrets.
 *
 * @param writtenAt when it was read from the state
 * @param status where the migration stands, with the newest proof of each table
 * @param history every attempt at every step, and every event
 * @param cutover the last cutover, if there was one
 * @param rollback the last rollback, if there was one
 * @param requests everything that was asked of the migration while it ran, the oldest first
 * @param resources everything the migration made outside its state
 * @param settings the settings in force, by their paths
 * @param environment versions and hosts, each under what it is called
 */
public record MigrationReport(
    Instant writtenAt,
    StatusReport status,
    HistoryReport history,
    Optional<CutoverReport> cutover,
    Optional<RollbackReport> rollback,
    List<Asked> requests,
    List<Resource> resources,
    Map<String, String> settings,
    Map<String, String> environment) {

  /** Copies the collections. */
  public MigrationReport {
    requests = List.copyOf(requests);
    resources = List.copyOf(resources);
  }

  /**
   * Something that was asked for.
   *
   * @param kind what
   * @param at when
   * @param finishedAt when it was done or given up; empty if it waits
   * @param error why it was given up: the code and what happened
   */
  public record Asked(
      RequestKind kind, Instant at, Optional<Instant> finishedAt, Optional<String> error) {}

  /**
   * Something that was made.
   *
   * @param side where
   * @param kind what it is
   * @param name its name
   * @param madeAt when; empty if it was planned and perhaps not made
   * @param undoneAt when it was taken away again
   */
  public record Resource(
      String side,
      String kind,
      String name,
      Optional<Instant> madeAt,
      Optional<Instant> undoneAt) {}
}
