package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Endpoint;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import software.amazon.awssdk.services.sfn.model.ExecutionListItem;
import software.amazon.awssdk.services.sfn.model.ExecutionStatus;

/**
 * A migration that a stack carries out: deployed, started, looked at, drained, deleted. Every
 * method can be called again after any failure. Owns its connections to AWS. Not thread-safe, but
 * for {@link #stop}.
 */
public final class AwsMigration implements AutoCloseable {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss").withZone(ZoneOffset.UTC);
  private static final String CUTOVER = "cutover-";

  private final AwsCalls calls;
  private final Stack stack;

  /** Asks somebody whether a deed is meant, and throws if it is not. */
  public interface Agreement {
    /** Returns if the deed, a sentence without its full stop, is meant. */
    void ask(String deed);
  }

  /**
   * A migration by its stack's name.
   *
   * @param rehearsal whether calls that change something are told instead of made
   * @param told takes lines for whoever watches
   */
  public AwsMigration(AwsLogin login, String stack, boolean rehearsal, Consumer<String> told) {
    this.calls = new AwsCalls(login, told, rehearsal);
    this.stack = new Stack(calls, stack);
  }

  /** What the stack tells when it is there: outputs by name; empty in a rehearsal. */
  public record Deployed(String stack, String region, Map<String, String> outputs) {
    /** Copies the outputs, in the order of their names. */
    public Deployed {
      outputs = Collections.unmodifiableMap(new TreeMap<>(outputs));
    }
  }

  /**
   * Checks, tells the cost, asks, makes the stack or brings it up to date, and waits for it.
   *
   * @throws MigrationException AWS_CHECKS_FAILED, AWS_STACK_FAILED, AWS_STACK_BUSY
   */
  public Deployed deploy(Deployment wanted, Agreement agreement) {
    wanted.secrets().values().forEach(secret -> calls.hide(secret.reveal()));
    Optional<String> status = stack.find(stack.name()).map(s -> s.stackStatusAsString());
    boolean exists = status.isPresent() && !status.get().equals("REVIEW_IN_PROGRESS");
    Deployment complete = new DeployChecks(calls).check(wanted, exists);
    new CostEstimate(calls).lines(complete).forEach(calls::tell);
    if (!calls.isRehearsal()) {
      agreement.ask(StackDeployment.deed(status, stack.name()));
    }
    new StackDeployment(calls, stack).deploy(complete, status);
    Map<String, String> outputs = calls.isRehearsal() ? Map.of() : Stack.outputs(stack.require());
    return new Deployed(stack.name(), calls.clients().region(), outputs);
  }

  /**
   * What starting came to.
   *
   * @param execution the execution that runs, or ran
   * @param begun whether it was started now
   * @param hints what somebody should do
   */
  public record Started(String execution, boolean begun, List<String> hints) {
    /** Copies the list. */
    public Started {
      hints = List.copyOf(hints);
    }
  }

  /**
   * Starts the workflow with the stack's own input, unless it runs already or has come to its end.
   *
   * @param again whether it is started though it has ended well
   */
  public Started start(boolean again) {
    StackParts parts = StackParts.ofComplete(stack);
    var workflow = new Workflow(calls, parts.requireMachine());
    var hints = new ArrayList<String>();
    if (new StatusReading(calls, parts).isSubscriptionPending()) {
      hints.add(
          "Confirm the subscription in the mail of AWS Notifications, or no mail comes (the address"
              + " given with --email)");
    }
    Optional<ExecutionListItem> newest = workflow.newest();
    boolean runs = newest.filter(e -> e.status() == ExecutionStatus.RUNNING).isPresent();
    boolean done = newest.filter(e -> e.status() == ExecutionStatus.SUCCEEDED).isPresent();
    if (runs || (done && !again)) {
      return new Started(newest.orElseThrow().executionArn(), false, hints);
    }
    Optional<String> execution = workflow.start("start-" + stamp(), parts.payload());
    return new Started(execution.orElse("(none in a rehearsal)"), execution.isPresent(), hints);
  }

  /**
   * Tells how an execution goes, until it has ended.
   *
   * @throws MigrationException AWS_WORKFLOW_FAILED with its own words
   */
  public void follow(String execution) {
    StackParts parts = StackParts.of(stack);
    Optional<MigrationTask> task = parts.task().map(arn -> new MigrationTask(calls, arn));
    new Workflow(calls, parts.requireMachine())
        .follow(execution, () -> task.flatMap(MigrationTask::progress));
  }

  /** Whether AWS DMS carries the rows; else pgportage itself does. */
  public boolean usesDms() {
    return StackParts.of(stack).task().isPresent();
  }

  /** Whether the workflow was ever started. */
  public boolean hasStarted() {
    StackParts parts = StackParts.ofComplete(stack);
    return new Workflow(calls, parts.requireMachine()).newest().isPresent();
  }

  /** Where the migration stands. */
  public AwsStatus status() {
    return new StatusReading(calls, StackParts.of(stack)).read();
  }

  /**
   * Requires that a cutover could follow now: the task replicates, the rows are loaded, no table
   * differs, the lag is small, and the workflow does not still work towards that.
   *
   * @throws MigrationException NOT_READY with all reasons
   */
  public void requireReady(Duration maxLag) {
    StackParts parts = StackParts.ofComplete(stack);
    AwsStatus status = new StatusReading(calls, parts).read();
    List<String> reasons = new Readiness(status, maxLag).reasons();
    boolean cutsOver =
        status
            .workflow()
            .filter(e -> e.name().startsWith(CUTOVER) && e.status().equals("RUNNING"))
            .isPresent();
    if (!reasons.isEmpty() && !cutsOver) {
      throw new MigrationException(
          ErrorCode.NOT_READY,
          "The stack "
              + stack.name()
              + " is not ready for the cutover:\n  "
              + String.join("\n  ", reasons),
          "Wait for the mail that says READY, or look with 'pgportage aws status'.",
          null);
    }
  }

  /**
   * Lets the workflow wait until nothing is left to replicate, and stop the replication; to be
   * called when nobody writes to the source any more.
   *
   * @throws MigrationException AWS_WORKFLOW_FAILED; the replication goes on then
   */
  public void drain() {
    StackParts parts = StackParts.ofComplete(stack);
    var workflow = new Workflow(calls, parts.requireMachine());
    Optional<String> running =
        workflow
            .newest()
            .filter(e -> e.status() == ExecutionStatus.RUNNING)
            .filter(e -> e.name().startsWith(CUTOVER))
            .map(ExecutionListItem::executionArn);
    running
        .or(() -> workflow.start(CUTOVER + stamp(), parts.cutoverPayload()))
        .ifPresent(this::follow);
  }

  /**
   * What deleting came to.
   *
   * @param removed what is gone
   * @param left what is still there, with the reason and what to do
   */
  public record Deleted(List<String> removed, List<String> left) {
    /** Copies the lists. */
    public Deleted {
      removed = List.copyOf(removed);
      left = List.copyOf(left);
    }
  }

  /**
   * Deletes the stack and what would keep it from being deleted, then what DMS left in the
   * databases.
   *
   * @param databases where DMS may have left something; none for leaving them alone
   * @throws MigrationException CLEANUP_INCOMPLETE naming what of the stack is left
   */
  public Deleted delete(List<Endpoint> databases, Agreement agreement) {
    var removed = new ArrayList<String>();
    var left = new ArrayList<String>();
    Optional<String> task = Optional.empty();
    if (stack.find(stack.name()).isPresent()) {
      StackParts parts = StackParts.of(stack);
      task = parts.task();
      if (!calls.isRehearsal()) {
        agreement.ask(deed(task));
      }
      removed.addAll(new StackRemoval(calls, stack).run(parts));
    } else {
      calls.tell("There is no stack " + stack.name() + " in " + calls.clients().region());
    }
    Optional<String> id = task.map(arn -> new MigrationTask(calls, arn).id());
    for (Endpoint database : databases) {
      DmsLeftovers.Result result = new DmsLeftovers(database, id).remove(calls.isRehearsal());
      removed.addAll(result.removed());
      left.addAll(result.left());
    }
    return new Deleted(removed, left);
  }

  private String deed(Optional<String> task) {
    boolean runs =
        task.flatMap(arn -> new MigrationTask(calls, arn).find())
            .filter(found -> found.status().equals("running"))
            .isPresent();
    return "the stack "
        + stack.name()
        + " will be deleted with all it made"
        + (runs ? "; ITS REPLICATION STILL RUNS and would end" : "");
  }

  private static String stamp() {
    return STAMP.format(Instant.now());
  }

  /** Ends what waits; the stack and its workflow go on. Thread-safe. */
  public void stop() {
    calls.stop();
  }

  @Override
  public void close() {
    calls.close();
  }
}
