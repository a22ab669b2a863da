package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import dev.pgportage.pg.Endpoint;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
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
   * @param trusted what {@link #trusted} says
   * @throws MigrationException AWS_CHECKS_FAILED, AWS_STACK_FAILED, AWS_STACK_BUSY
   */
  public Deployed deploy(Deployment wanted, Map<String, Path> trusted, Agreement agreement) {
    wanted.secrets().values().forEach(secret -> calls.hide(secret.reveal()));
    Optional<String> status = stack.find(stack.name()).map(s -> s.stackStatusAsString());
    boolean exists = status.isPresent() && !status.get().equals("REVIEW_IN_PROGRESS");
    Deployment complete = new DeployChecks(calls).check(wanted, exists);
    new CostEstimate(calls).lines(complete).forEach(calls::tell);
    if (!calls.isRehearsal()) {
      agreement.ask(StackDeployment.deed(status, stack.name()));
    }
    new StackDeployment(calls, stack).deploy(withCertificates(complete, trusted), status);
    Map<String, String> outputs = calls.isRehearsal() ? Map.of() : Stack.outputs(stack.require());
    return new Deployed(stack.name(), calls.clients().region(), outputs);
  }

  /**
   * Files with the certificates of the authorities that vouch for the servers, by side: {@code
   * Source}, {@code Target}.
   */
  public static Map<String, Path> trusted(Endpoint source, Endpoint target) {
    var files = new TreeMap<String, Path>();
    Certificates.trusted(source).ifPresent(file -> files.put("Source", file));
    Certificates.trusted(target).ifPresent(file -> files.put("Target", file));
    return files;
  }

  /** The same with the authorities' certificates imported, so that DMS verifies the servers. */
  private Deployment withCertificates(Deployment wanted, Map<String, Path> trusted) {
    var certificates = new Certificates(calls, stack.name());
    Deployment complete = wanted;
    for (Map.Entry<String, Path> each : new TreeMap<>(trusted).entrySet()) {
      String parameter = each.getKey() + "CertificateArn";
      if (complete.template().asks(parameter) && !complete.answers().containsKey(parameter)) {
        String side = each.getKey().toLowerCase(Locale.ROOT);
        complete = complete.answering(parameter, certificates.require(side, each.getValue()));
      }
    }
    return complete;
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
    Optional<String> execution =
        workflow.start("start-" + stamp(), parts.payload(AwsTemplate.PAYLOAD_OUTPUT));
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
    Optional<TaskService> service = parts.service(calls);
    new Workflow(calls, parts.requireMachine())
        .follow(
            execution,
            () ->
                task.flatMap(MigrationTask::progress).or(() -> service.flatMap(s -> s.progress())));
  }

  /** Whether AWS DMS carries the rows; else pgportage itself does. */
  public boolean usesDms() {
    return StackParts.of(stack).task().isPresent();
  }

  /** Whether the stack is there, and pgportage itself carries the rows in it. */
  public boolean isNative() {
    return stack.find(stack.name()).isPresent() && StackParts.of(stack).service(calls).isPresent();
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
            .filter(e -> e.name().startsWith(Deed.CUTOVER.prefix()) && e.status().equals("RUNNING"))
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

  /** What a workflow does when it is asked to, beside carrying a database to READY. */
  public enum Deed {
    /**
     * With DMS: waits until nothing is left to replicate, and stops the replication; to be called
     * when nobody writes to the source any more. With pgportage: the whole cutover.
     */
    CUTOVER(AwsTemplate.CUTOVER_PAYLOAD_OUTPUT),
    /** The way back to the source, which pgportage alone has. */
    ROLLBACK(AwsTemplate.ROLLBACK_PAYLOAD_OUTPUT),
    /** Leaves nothing of pgportage in the databases. */
    CLEANUP(AwsTemplate.CLEANUP_PAYLOAD_OUTPUT);

    private final String output;

    Deed(String output) {
      this.output = output;
    }

    private String prefix() {
      return name().toLowerCase(Locale.ROOT) + "-";
    }
  }

  /**
   * Lets the workflow do it, and follows it; one that does it already is followed.
   *
   * @throws MigrationException AWS_WORKFLOW_FAILED with its own words; everything goes on as it did
   *     before
   */
  public void carryOut(Deed deed) {
    StackParts parts = StackParts.ofComplete(stack);
    var workflow = new Workflow(calls, parts.requireMachine());
    Optional<String> running =
        workflow
            .newest()
            .filter(e -> e.status() == ExecutionStatus.RUNNING)
            .filter(e -> e.name().startsWith(deed.prefix()))
            .map(ExecutionListItem::executionArn);
    running
        .or(() -> workflow.start(deed.prefix() + stamp(), parts.payload(deed.output)))
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
   * @param cleansUp whether a stack in which pgportage carries the rows leaves the databases clean
   * @throws MigrationException CLEANUP_INCOMPLETE naming what of the stack is left
   */
  public Deleted delete(List<Endpoint> databases, boolean cleansUp, Agreement agreement) {
    var removed = new ArrayList<String>();
    var left = new ArrayList<String>();
    Optional<String> task = Optional.empty();
    if (stack.find(stack.name()).isPresent()) {
      StackParts parts = StackParts.of(stack);
      task = parts.task();
      if (!calls.isRehearsal()) {
        agreement.ask(deed(task));
      }
      var removal = new StackRemoval(calls, stack);
      removal.halt(parts);
      if (cleansUp && isBegun(parts)) {
        carryOut(Deed.CLEANUP);
        removed.add("what pgportage left in the databases, by the stack's workflow");
      }
      removed.addAll(removal.run(parts));
    } else {
      calls.tell("There is no stack " + stack.name() + " in " + calls.clients().region());
      // Its task's id still tells which slot was its own.
      task = databases.isEmpty() ? Optional.empty() : stack.deleted(StackParts.TASK);
    }
    removed.addAll(new Certificates(calls, stack.name()).remove());
    Optional<String> id = task.map(arn -> new MigrationTask(calls, arn).id());
    for (Endpoint database : databases) {
      DmsLeftovers.Result result = new DmsLeftovers(database, id).remove(calls.isRehearsal());
      removed.addAll(result.removed());
      left.addAll(result.left());
    }
    return new Deleted(removed, left);
  }

  /** Whether pgportage may have made something in the databases from within the stack. */
  private boolean isBegun(StackParts parts) {
    return parts.service(calls).isPresent()
        && parts.outputs().containsKey(AwsTemplate.CLEANUP_PAYLOAD_OUTPUT)
        && new Workflow(calls, parts.requireMachine()).newest().isPresent();
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
