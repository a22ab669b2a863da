package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.iam.model.NoSuchEntityException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.sts.model.GetCallerIdentityResponse;

/**
 * What is looked at before a stack is made: all problems at once, and answers that can be found
 * out.
 */
final class DeployChecks {
  /** What the stack makes is named after it, and DMS takes 63 characters. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z](-?[A-Za-z0-9])*");

  private static final int LONGEST_BUCKET = 63;
  private static final List<String> ROLES = List.of("dms-vpc-role", "dms-cloudwatch-logs-role");
  private static final String ROLES_PARAMETER = "CreateDMSRoles";
  private static final String BUCKET_PARAMETER = "MigrationBucketName";

  private final AwsCalls calls;
  private final List<String> problems = new ArrayList<>();

  DeployChecks(AwsCalls calls) {
    this.calls = calls;
  }

  /**
   * Looks at everything.
   *
   * @param exists whether the stack is there already, so that its own bucket is no stranger's
   * @return the deployment with answers that were found out
   * @throws MigrationException AWS_CHECKS_FAILED with all problems
   */
  Deployment check(Deployment wanted, boolean exists) {
    GetCallerIdentityResponse who =
        calls.ask("Asking who is logged in", () -> calls.clients().identity().getCallerIdentity());
    calls.tell(
        "Account " + who.account() + ", region " + calls.clients().region() + ", " + who.arn());
    checkName(wanted.stack());
    Deployment found = new SubnetCheck(calls, problems).check(wanted);
    found = withRoles(found);
    if (!exists) {
      checkBucket(found, who.account());
    }
    checkAnswers(found);
    if (!problems.isEmpty()) {
      throw new MigrationException(
          ErrorCode.AWS_CHECKS_FAILED,
          (problems.size() == 1 ? "One check" : problems.size() + " checks")
              + " failed:\n  "
              + String.join("\n  ", problems));
    }
    return found;
  }

  private void checkName(String name) {
    if (!NAME.matcher(name).matches() || name.length() > AwsTemplate.LONGEST_STACK_NAME) {
      problems.add(
          "The stack's name must begin with a letter, have letters, digits and single hyphens only,"
              + " and at most "
              + AwsTemplate.LONGEST_STACK_NAME
              + " characters: all that it makes is named after it");
    }
  }

  /** DMS needs two roles that an account has once, whoever made them. */
  private Deployment withRoles(Deployment wanted) {
    if (!wanted.template().asks(ROLES_PARAMETER) || wanted.answers().containsKey(ROLES_PARAMETER)) {
      return wanted;
    }
    try {
      List<String> missing = ROLES.stream().filter(role -> !exists(role)).toList();
      if (missing.size() == 1) {
        problems.add(
            "The role "
                + missing.getFirst()
                + " is missing, while the other one DMS needs is there: make it (docs/aws.md has the"
                + " two commands), or remove the other, so that the stack makes both");
        return wanted;
      }
      calls.tell(
          missing.isEmpty()
              ? "Roles for DMS: there (CreateDMSRoles=false)"
              : "Roles for DMS: made by the stack (CreateDMSRoles=true)");
      return wanted.answering(ROLES_PARAMETER, String.valueOf(!missing.isEmpty()));
    } catch (MigrationException e) {
      problems.add(
          e.what() + ". Or say it: --parameter " + ROLES_PARAMETER + "=true if there are none");
      return wanted;
    }
  }

  private boolean exists(String role) {
    return calls
        .askUnless(
            "Looking for the role " + role,
            () -> calls.clients().roles().getRole(r -> r.roleName(role)),
            NoSuchEntityException.class::isInstance)
        .isPresent();
  }

  private void checkBucket(Deployment wanted, String account) {
    String base = wanted.answers().get(BUCKET_PARAMETER);
    if (base == null || !wanted.template().asks(BUCKET_PARAMETER)) {
      return;
    }
    String bucket = base + "-" + calls.clients().region() + "-" + account;
    if (bucket.length() > LONGEST_BUCKET) {
      problems.add(
          "The bucket's name "
              + bucket
              + " has more than 63 characters: choose a shorter --bucket");
    } else if (isTaken(bucket)) {
      problems.add("The bucket " + bucket + " is there already: choose another --bucket");
    }
  }

  private boolean isTaken(String bucket) {
    try {
      return calls
          .askUnless(
              "Looking for the bucket " + bucket,
              () -> calls.clients().buckets().headBucket(r -> r.bucket(bucket)),
              DeployChecks::isFree)
          .isPresent();
    } catch (MigrationException e) {
      // Not allowed to look means that it is there and somebody else's, or s3:ListBucket is
      // missing.
      return e.code() == ErrorCode.AWS_DENIED;
    }
  }

  private static boolean isFree(SdkException e) {
    return e instanceof S3Exception answer && answer.statusCode() == 404;
  }

  private void checkAnswers(Deployment wanted) {
    for (StackTemplate.Question question : wanted.template().questions()) {
      String name = question.name();
      Optional<String> answer =
          Optional.ofNullable(wanted.answers().get(name))
              .or(() -> Optional.ofNullable(wanted.secrets().get(name)).map(s -> s.reveal()));
      if (answer.isPresent()) {
        answer.flatMap(question::problem).ifPresent(problems::add);
      } else if (!question.optional()) {
        problems.add(name + " is missing: " + option(name));
      }
    }
    for (String name : wanted.answers().keySet()) {
      if (!wanted.template().asks(name)) {
        problems.add("The template has no parameter " + name);
      }
    }
  }

  private static String option(String parameter) {
    return switch (parameter) {
      case "VpcId", "SubnetIds" -> "name two subnets with --subnets";
      case "NotificationEmail" -> "give --email";
      case BUCKET_PARAMETER -> "give --bucket";
      case "SourcePassword", "TargetPassword" ->
          "DMS needs a password; give it as docs/configuration.md says";
      default -> "give it with --parameter " + parameter + "=…";
    };
  }
}
