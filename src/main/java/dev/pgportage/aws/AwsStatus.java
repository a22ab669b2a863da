package dev.pgportage.aws;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Where a migration on AWS stands.
 *
 * @param stack the stack's name
 * @param stackStatus as CloudFormation says it
 * @param workflow the execution that runs, or the newest one
 * @param task the replication task of DMS
 * @param service the service in which pgportage replicates
 * @param links pages of the console, by the output's name
 * @param hints what somebody should do
 */
public record AwsStatus(
    String stack,
    String stackStatus,
    Optional<Execution> workflow,
    Optional<Task> task,
    Optional<Service> service,
    List<Link> links,
    List<String> hints) {

  /** Copies the lists. */
  public AwsStatus {
    links = List.copyOf(links);
    hints = List.copyOf(hints);
  }

  /** A page of AWS's console. */
  public record Link(String name, String url) {}

  /**
   * One execution of the workflow.
   *
   * @param status as Step Functions says it
   * @param state the state it is in, or was in last
   * @param error why it failed
   */
  public record Execution(
      String name,
      String status,
      Instant startedAt,
      Optional<Instant> endedAt,
      Optional<String> state,
      Optional<String> error) {}

  /**
   * The replication task.
   *
   * @param status as DMS says it
   * @param stopReason why it does not run, if it does not
   * @param fullLoadPercent how much of the rows is copied
   * @param sourceLatencySeconds how far DMS is behind the source
   * @param targetLatencySeconds how far the target is behind the source
   * @param tables one for each
   */
  public record Task(
      String status,
      Optional<String> stopReason,
      int fullLoadPercent,
      Optional<Double> sourceLatencySeconds,
      Optional<Double> targetLatencySeconds,
      List<Table> tables) {
    /** Copies the list. */
    public Task {
      tables = List.copyOf(tables);
    }

    /** How many tables stand so in DMS's validation. */
    public long validated(String state) {
      return tables.stream().filter(table -> table.validation().equals(state)).count();
    }

    /** The tables with differences or errors. */
    public List<Table> wrong() {
      return tables.stream().filter(Table::isWrong).toList();
    }
  }

  /**
   * The service in which pgportage replicates.
   *
   * @param status as ECS says it
   * @param desired how many tasks should run: none before READY
   * @param event what ECS says last
   * @param fullLoadPercent how much of the rows is copied, by pgportage's own metrics
   * @param lagSeconds how far the target is behind
   */
  public record Service(
      String name,
      String status,
      int desired,
      int running,
      int pending,
      Optional<String> event,
      Optional<Double> fullLoadPercent,
      Optional<Double> lagSeconds) {}

  /**
   * What DMS has done for a table.
   *
   * @param state of the table, such as {@code Table completed}
   * @param loadedRows copied by the full load
   * @param changes inserted, updated and deleted since
   * @param validation how DMS's own comparison stands
   * @param pending rows still to be compared
   * @param failed rows that differ
   */
  public record Table(
      String schema,
      String name,
      String state,
      long loadedRows,
      long changes,
      String validation,
      long pending,
      long failed) {
    /** Whether something is to be looked at. */
    public boolean isWrong() {
      return failed > 0
          || state.equals("Table error")
          || List.of("Mismatched records", "Table error", "Error").contains(validation);
    }
  }
}
