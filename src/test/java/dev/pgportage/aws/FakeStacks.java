package dev.pgportage.aws;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgportage.aws.FakeAws.Answer;
import dev.pgportage.aws.FakeAws.Call;
import dev.pgportage.aws.FakeAws.Refusal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * CloudFormation: a stack becomes complete by a few events each time somebody looks; lists come in
 * pages; a bucket that is not empty keeps its stack from being deleted.
 */
public final class FakeStacks implements FakeAws.Service {
  private static final int PAGE = 2;

  /** Events that come between two looks. */
  private static final int AT_ONCE = 5;

  private static final int LONGEST = 51_200;

  /** A resource of a stack. */
  public record Made(String logical, String type, String physical) {}

  private record Event(String id, String logical, String type, String status, String reason) {}

  private static final class FakeStack {
    private final String name;
    private final String id;
    private final Map<String, String> parameters;
    private final List<Made> resources = new ArrayList<>();
    private final List<Made> gone = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private final List<Event> coming = new ArrayList<>();
    private final Map<String, String> outputs = new LinkedHashMap<>();
    private String status;
    private String next;

    FakeStack(String name, String id, Map<String, String> parameters, String status, String next) {
      this.name = name;
      this.id = id;
      this.parameters = parameters;
      this.status = status;
      this.next = next;
    }
  }

  private final FakeBuckets buckets;
  private final Map<String, FakeStack> stacks = new LinkedHashMap<>();
  private final Map<String, String> outputs = new LinkedHashMap<>();
  private Optional<String> failing = Optional.empty();
  private Optional<String> undeletable = Optional.empty();
  private int counter;

  FakeStacks(FakeBuckets buckets) {
    this.buckets = buckets;
  }

  /** What every stack tells. */
  public void output(String name, String value) {
    outputs.put(name, value);
  }

  /** The resource that cannot be made, in stacks made from now on. */
  public void failAt(String logical) {
    failing = Optional.of(logical);
  }

  /** The resource that cannot be deleted from now on. */
  public void keep(String logical) {
    undeletable = Optional.of(logical);
  }

  public void letGo() {
    undeletable = Optional.empty();
  }

  /** A stack that is there. */
  public void add(String name, String status, List<Made> resources) {
    var stack = new FakeStack(name, id(name), Map.of(), status, status);
    stack.resources.addAll(resources);
    resources.forEach(
        made -> stack.events.add(event(made.logical(), made.type(), "CREATE_COMPLETE", "")));
    stacks.put(name, stack);
  }

  public Optional<String> status(String name) {
    return Optional.ofNullable(stacks.get(name)).map(stack -> stack.status);
  }

  /** The identity of one of a stack's resources. */
  public String physical(String name, String logical) {
    FakeStack stack = stacks.get(name);
    return (stack == null ? List.<Made>of() : stack.resources)
        .stream()
            .filter(made -> made.logical().equals(logical))
            .map(Made::physical)
            .findFirst()
            .orElseThrow();
  }

  public Map<String, String> parameters(String name) {
    FakeStack stack = stacks.get(name);
    return stack == null ? Map.of() : stack.parameters;
  }

  @Override
  public Optional<Answer> answer(Call call) {
    if (!call.action().startsWith("cloudformation:")) {
      return Optional.empty();
    }
    return Optional.of(
        switch (call.action().substring("cloudformation:".length())) {
          case "DescribeStacks" -> describe(find(call.get("StackName")));
          case "CreateStack" -> create(call);
          case "UpdateStack" -> update(call);
          case "DeleteStack" -> delete(find(call.get("StackName")));
          case "DescribeStackEvents" -> events(find(call.get("StackName")), call);
          case "ListStacks" -> deleted();
          case "ListStackResources" -> resources(find(call.get("StackName")), call);
          default -> throw new Refusal(400, "InvalidAction", call.action());
        });
  }

  private FakeStack find(String nameOrId) {
    return stacks.values().stream()
        .filter(
            stack ->
                stack.id.equals(nameOrId)
                    || (stack.name.equals(nameOrId) && !stack.status.equals("DELETE_COMPLETE")))
        .findFirst()
        .orElseThrow(
            () ->
                new Refusal(
                    400, "ValidationError", "Stack with id " + nameOrId + " does not exist"));
  }

  private String id(String name) {
    return "arn:aws:cloudformation:%s:%s:stack/%s/%d"
        .formatted(FakeAws.REGION, FakeAws.ACCOUNT, name, ++counter);
  }

  private Event event(String logical, String type, String status, String reason) {
    return new Event("e" + ++counter, logical, type, status, reason);
  }

  private Answer describe(FakeStack stack) {
    if (!stack.coming.isEmpty()) {
      for (int i = 0; i < AT_ONCE && !stack.coming.isEmpty(); i++) {
        stack.events.add(stack.coming.removeFirst());
      }
    } else if (stack.status.endsWith("_IN_PROGRESS")) {
      stack.status = stack.next;
    }
    var told = new StringBuilder();
    if (stack.status.endsWith("_COMPLETE")) {
      var all = new LinkedHashMap<String, String>(stack.outputs);
      all.putAll(outputs);
      all.forEach(
          (name, value) ->
              told.append("<member><OutputKey>")
                  .append(name)
                  .append("</OutputKey><OutputValue>")
                  .append(FakeAws.escaped(value))
                  .append("</OutputValue></member>"));
    }
    return result(
        "DescribeStacks",
        "<Stacks><member><StackName>%s</StackName><StackId>%s</StackId><StackStatus>%s</StackStatus>"
                .formatted(stack.name, stack.id, stack.status)
            + "<CreationTime>2026-01-01T00:00:00Z</CreationTime>"
            + parameters(stack)
            + "<Outputs>"
            + told
            + "</Outputs></member></Stacks>");
  }

  /** Secret ones as stars, as CloudFormation tells them. */
  private static String parameters(FakeStack stack) {
    var xml = new StringBuilder("<Parameters>");
    stack.parameters.forEach(
        (name, value) ->
            xml.append("<member><ParameterKey>")
                .append(name)
                .append("</ParameterKey><ParameterValue>")
                .append(name.endsWith("Password") ? "****" : FakeAws.escaped(value))
                .append("</ParameterValue></member>"));
    return xml.append("</Parameters>").toString();
  }

  private Answer create(Call call) {
    String name = call.get("StackName");
    if (stacks.containsKey(name) && !stacks.get(name).status.equals("DELETE_COMPLETE")) {
      throw new Refusal(400, "AlreadyExistsException", "Stack [" + name + "] already exists");
    }
    requireCapability(call);
    JsonNode template = template(call);
    Map<String, String> parameters = parameters(call, template);
    var stack = new FakeStack(name, id(name), parameters, "CREATE_IN_PROGRESS", "CREATE_COMPLETE");
    stack.events.add(
        event(name, "AWS::CloudFormation::Stack", "CREATE_IN_PROGRESS", "User Initiated"));
    var resolved = new ResolvedTemplate(template, parameters, name);
    for (String resource : resolved.resources()) {
      String type = resolved.type(resource);
      if (failing.filter(resource::equals).isPresent()) {
        stack.coming.add(event(resource, type, "CREATE_FAILED", "The role is not valid"));
        stack.coming.add(
            event("Other", "AWS::S3::Bucket", "CREATE_FAILED", "Resource creation cancelled"));
        stack.coming.add(
            event(
                name,
                "AWS::CloudFormation::Stack",
                "ROLLBACK_IN_PROGRESS",
                "The following resource(s) failed to create"));
        stack.next = "ROLLBACK_COMPLETE";
        break;
      }
      stack.coming.add(event(resource, type, "CREATE_IN_PROGRESS", ""));
      stack.coming.add(event(resource, type, "CREATE_COMPLETE", ""));
      stack.resources.add(new Made(resource, type, resolved.physical(resource)));
      if (type.equals("AWS::S3::Bucket")) {
        buckets.fill(resolved.physical(resource), 0);
      }
    }
    stack.outputs.putAll(resolved.outputs());
    stacks.put(name, stack);
    return result("CreateStack", "<StackId>" + stack.id + "</StackId>");
  }

  private Answer update(Call call) {
    FakeStack stack = find(call.get("StackName"));
    requireCapability(call);
    if (parameters(call, template(call)).equals(stack.parameters)) {
      throw new Refusal(400, "ValidationError", "No updates are to be performed.");
    }
    stack.status = "UPDATE_IN_PROGRESS";
    stack.next = "UPDATE_COMPLETE";
    stack.coming.add(event(stack.name, "AWS::CloudFormation::Stack", "UPDATE_IN_PROGRESS", ""));
    return result("UpdateStack", "<StackId>" + stack.id + "</StackId>");
  }

  private static void requireCapability(Call call) {
    if (!call.get("Capabilities.member.1").equals("CAPABILITY_NAMED_IAM")) {
      throw new Refusal(
          400,
          "InsufficientCapabilitiesException",
          "Requires capabilities : [CAPABILITY_NAMED_IAM]");
    }
  }

  private JsonNode template(Call call) {
    String body = call.form().get("TemplateBody");
    if (body != null && body.length() > LONGEST) {
      throw new Refusal(
          400,
          "ValidationError",
          "1 validation error detected: Value at 'templateBody' failed to satisfy constraint: Member"
              + " must have length less than or equal to 51200");
    }
    if (body == null) {
      body =
          buckets
              .content(call.get("TemplateURL"))
              .orElseThrow(
                  () -> new Refusal(400, "ValidationError", "S3 error: The key does not exist"));
    }
    try {
      return new JsonMapper().readTree(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Map<String, String> parameters(Call call, JsonNode template) {
    var given = new LinkedHashMap<String, String>();
    for (int i = 1; call.form().containsKey("Parameters.member." + i + ".ParameterKey"); i++) {
      given.put(
          call.get("Parameters.member." + i + ".ParameterKey"),
          call.get("Parameters.member." + i + ".ParameterValue"));
    }
    for (String name : given.keySet()) {
      if (!template.path("Parameters").has(name)) {
        throw new Refusal(
            400, "ValidationError", "Parameters: [" + name + "] do not exist in the template");
      }
    }
    for (var parameter : template.path("Parameters").properties()) {
      if (!parameter.getValue().has("Default") && !given.containsKey(parameter.getKey())) {
        throw new Refusal(
            400, "ValidationError", "Parameters: [" + parameter.getKey() + "] must have values");
      }
    }
    return given;
  }

  private Answer delete(FakeStack stack) {
    stack.status = "DELETE_IN_PROGRESS";
    stack.next = "DELETE_COMPLETE";
    for (Made made : List.copyOf(stack.resources)) {
      boolean full = made.type().equals("AWS::S3::Bucket") && !buckets.isEmpty(made.physical());
      boolean kept = undeletable.filter(made.logical()::equals).isPresent();
      if (full || kept) {
        stack.next = "DELETE_FAILED";
        stack.coming.add(
            event(
                made.logical(),
                made.type(),
                "DELETE_FAILED",
                full
                    ? "The bucket you tried to delete is not empty (Service: S3, Status Code: 409,"
                        + " BucketNotEmpty)"
                    : "resource sg-1 has a dependent object (Status Code: 400, DependencyViolation)"));
      } else {
        stack.coming.add(event(made.logical(), made.type(), "DELETE_COMPLETE", ""));
        stack.resources.remove(made);
        stack.gone.add(made);
        buckets.delete(made.physical());
      }
    }
    return result("DeleteStack", "");
  }

  private static Answer events(FakeStack stack, Call call) {
    int from = from(call);
    List<Event> newestFirst = stack.events.reversed();
    var xml = new StringBuilder("<StackEvents>");
    for (Event e : newestFirst.subList(from, Math.min(newestFirst.size(), from + PAGE))) {
      xml.append(
          ("<member><EventId>%s</EventId><StackName>%s</StackName><LogicalResourceId>%s"
                  + "</LogicalResourceId><ResourceType>%s</ResourceType><ResourceStatus>%s"
                  + "</ResourceStatus>%s<Timestamp>2026-01-01T00:00:00Z</Timestamp></member>")
              .formatted(
                  e.id(),
                  stack.name,
                  e.logical(),
                  e.type(),
                  e.status(),
                  e.reason().isEmpty()
                      ? ""
                      : "<ResourceStatusReason>" + e.reason() + "</ResourceStatusReason>"));
    }
    return result(
        "DescribeStackEvents", xml + "</StackEvents>" + token(from + PAGE, newestFirst.size()));
  }

  private Answer deleted() {
    var xml = new StringBuilder("<StackSummaries>");
    stacks.values().stream()
        .filter(stack -> stack.status.equals("DELETE_COMPLETE"))
        .forEach(
            stack ->
                xml.append(
                    ("<member><StackName>%s</StackName><StackId>%s</StackId><StackStatus>%s"
                            + "</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime>"
                            + "</member>")
                        .formatted(stack.name, stack.id, stack.status)));
    return result("ListStacks", xml + "</StackSummaries>");
  }

  private static Answer resources(FakeStack stack, Call call) {
    int from = from(call);
    var all = new ArrayList<>(stack.resources);
    all.addAll(stack.gone);
    var xml = new StringBuilder("<StackResourceSummaries>");
    for (Made made : all.subList(from, Math.min(all.size(), from + PAGE))) {
      xml.append(
          ("<member><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s"
                  + "</PhysicalResourceId><ResourceType>%s</ResourceType><ResourceStatus>%s"
                  + "</ResourceStatus></member>")
              .formatted(
                  made.logical(),
                  made.physical(),
                  made.type(),
                  stack.gone.contains(made) ? "DELETE_COMPLETE" : "CREATE_COMPLETE"));
    }
    return result(
        "ListStackResources", xml + "</StackResourceSummaries>" + token(from + PAGE, all.size()));
  }

  private static int from(Call call) {
    String token = call.form().getOrDefault("NextToken", "");
    return token.isEmpty() ? 0 : Integer.parseInt(token);
  }

  private static String token(int next, int size) {
    return next < size ? "<NextToken>" + next + "</NextToken>" : "";
  }

  static Answer result(String action, String content) {
    return Answer.xml(
        "<%1$sResponse><%1$sResult>%2$s</%1$sResult></%1$sResponse>".formatted(action, content));
  }
}
