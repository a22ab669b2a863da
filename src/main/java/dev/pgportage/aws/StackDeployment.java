package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.cloudformation.model.Capability;
import software.amazon.awssdk.services.cloudformation.model.CreateStackRequest;
import software.amazon.awssdk.services.cloudformation.model.Parameter;
import software.amazon.awssdk.services.cloudformation.model.Tag;
import software.amazon.awssdk.services.cloudformation.model.UpdateStackRequest;

/** Makes a stack, or brings one up to its template, and watches until it is there. */
final class StackDeployment {
  private final AwsCalls calls;
  private final Stack stack;

  StackDeployment(AwsCalls calls, Stack stack) {
    this.calls = calls;
    this.stack = stack;
  }

  /** What is about to be done, for whoever has to agree. */
  static String deed(Optional<String> status, String name) {
    return switch (status.orElse("")) {
      case "", "REVIEW_IN_PROGRESS" -> "the stack " + name + " will be made, and cost money";
      case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS" -> "the stack " + name + " will be watched";
      default -> "the stack " + name + " will be brought up to this template and these answers";
    };
  }

  /**
   * Deploys.
   *
   * @throws MigrationException AWS_STACK_FAILED naming what failed first, AWS_STACK_BUSY
   */
  void deploy(Deployment wanted, Optional<String> status) {
    switch (status.orElse("")) {
      case "", "REVIEW_IN_PROGRESS" -> withTemplate(wanted, this::create);
      case "CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS" ->
          await(stack.require().stackId());
      case "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE" ->
          withTemplate(wanted, this::update);
      case String other when other.endsWith("_IN_PROGRESS") ->
          throw new MigrationException(
              ErrorCode.AWS_STACK_BUSY, "The stack " + wanted.stack() + " is " + other);
      case String other -> throw failed(other, "it failed in an earlier run");
    }
  }

  private void create(Deployment wanted, Source source) {
    CreateStackRequest request =
        CreateStackRequest.builder()
            .stackName(wanted.stack())
            .templateBody(source.body())
            .templateURL(source.url())
            .parameters(parameters(wanted))
            .capabilities(Capability.CAPABILITY_NAMED_IAM)
            .tags(Tag.builder().key("pgportage-engine").value(wanted.template().engine()).build())
            .build();
    calls
        .change(
            "Making the stack " + wanted.stack(),
            "cloudformation:CreateStack",
            request,
            calls.clients().stacks()::createStack)
        .ifPresent(made -> await(made.stackId()));
  }

  private void update(Deployment wanted, Source source) {
    UpdateStackRequest request =
        UpdateStackRequest.builder()
            .stackName(wanted.stack())
            .templateBody(source.body())
            .templateURL(source.url())
            .parameters(parameters(wanted))
            .capabilities(Capability.CAPABILITY_NAMED_IAM)
            .build();
    String id = stack.require().stackId();
    stack.skipEvents(id);
    try {
      calls
          .change(
              "Updating the stack " + wanted.stack(),
              "cloudformation:UpdateStack",
              request,
              calls.clients().stacks()::updateStack)
          .ifPresent(_ -> await(id));
    } catch (MigrationException e) {
      if (!isUnchanged(e)) {
        throw e;
      }
      calls.tell("The stack " + wanted.stack() + " is as it should be");
    }
  }

  private static boolean isUnchanged(MigrationException e) {
    return e.getCause() instanceof AwsServiceException answer
        && AwsFailures.message(answer).contains("No updates are to be performed");
  }

  private void await(String id) {
    String status = stack.follow(id);
    if (!List.of("CREATE_COMPLETE", "UPDATE_COMPLETE").contains(status)) {
      throw failed(status, stack.firstFailure().orElse("no resource says why"));
    }
  }

  private MigrationException failed(String status, String why) {
    return new MigrationException(
        ErrorCode.AWS_STACK_FAILED, "The stack " + stack.name() + " is " + status + ": " + why);
  }

  private List<Parameter> parameters(Deployment wanted) {
    var parameters = new ArrayList<Parameter>();
    wanted.answers().forEach((name, value) -> parameters.add(parameter(name, value)));
    wanted
        .secrets()
        .forEach(
            (name, secret) -> {
              calls.hide(secret.reveal());
              parameters.add(parameter(name, secret.reveal()));
            });
    return parameters;
  }

  private static Parameter parameter(String name, String value) {
    return Parameter.builder().parameterKey(name).parameterValue(value).build();
  }

  /** Where CloudFormation takes a template from: exactly one of the two. */
  private record Source(@Nullable String body, @Nullable String url) {}

  private interface Work {
    void run(Deployment wanted, Source source);
  }

  private void withTemplate(Deployment wanted, Work work) {
    String json = wanted.template().json();
    if (json.getBytes(StandardCharsets.UTF_8).length <= AwsTemplate.LARGEST_BODY) {
      work.run(wanted, new Source(json, null));
      return;
    }
    var upload = new TemplateUpload(calls, wanted);
    String url = upload.put(json);
    RuntimeException failure = null;
    try {
      work.run(wanted, new Source(null, url));
    } catch (RuntimeException e) {
      failure = e;
      throw e;
    } finally {
      remove(upload, failure);
    }
  }

  private void remove(TemplateUpload upload, @Nullable RuntimeException failure) {
    try {
      upload.remove();
    } catch (SdkException | MigrationException e) {
      calls.tell("The template in S3 could not be removed: " + upload.place());
      if (failure != null) {
        failure.addSuppressed(e);
      }
    }
  }
}
