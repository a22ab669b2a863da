package dev.pgportage.aws;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.exception.SdkException;

/** What AWS's failures mean, in the product's words. */
final class AwsFailures {
  private static final Set<String> DENIED =
      Set.of(
          "AccessDenied",
          "AccessDeniedException",
          "AccessDeniedFault",
          "UnauthorizedOperation",
          "AuthorizationError",
          "Client.UnauthorizedOperation");
  private static final Set<String> LOGGED_OUT =
      Set.of(
          "ExpiredToken",
          "ExpiredTokenException",
          "InvalidClientTokenId",
          "UnrecognizedClientException",
          "InvalidAccessKeyId",
          "SignatureDoesNotMatch",
          "AuthFailure",
          "RequestExpired");
  private static final Pattern ACTION =
      Pattern.compile("not authorized to perform:? (?<action>[a-z0-9-]+:[A-Za-z*]+)");

  private AwsFailures() {}

  /** Does a work; a failure of AWS's becomes one of the product's. */
  static <T> T translating(String what, Supplier<T> work) {
    try {
      return work.get();
    } catch (SdkException e) {
      throw failure(what, e);
    }
  }

  /** The product's failure for one of AWS's. */
  static MigrationException failure(String what, SdkException e) {
    if (e instanceof AwsServiceException service) {
      String code = code(service);
      if (isDenied(service)) {
        return new MigrationException(
            ErrorCode.AWS_DENIED,
            what + ": not allowed" + deniedAction(service).map(a -> ": " + a).orElse(""),
            service);
      }
      ErrorCode kind =
          LOGGED_OUT.contains(code) ? ErrorCode.AWS_NOT_CONFIGURED : ErrorCode.AWS_FAILED;
      return new MigrationException(kind, what + ": " + message(service), service);
    }
    String text = String.valueOf(e.getMessage());
    if (text.contains("load region") || text.contains("region provider")) {
      return new MigrationException(
          ErrorCode.AWS_NOT_CONFIGURED, what + ": no region of AWS is named", e);
    }
    if (text.contains("load credentials") || text.contains("profile") || text.contains("Token")) {
      return new MigrationException(
          ErrorCode.AWS_NOT_CONFIGURED, what + ": no valid login to AWS was found", e);
    }
    return new MigrationException(
        isOfNetwork(e) ? ErrorCode.AWS_UNREACHABLE : ErrorCode.AWS_FAILED,
        what + (isOfNetwork(e) ? ": AWS does not answer" : ": " + text),
        e);
  }

  static boolean isDenied(SdkException e) {
    return e instanceof AwsServiceException service
        && (DENIED.contains(code(service))
            || (service.statusCode() == 403 && code(service).isEmpty()));
  }

  /** AWS's own word for what happened. */
  static String code(AwsServiceException e) {
    return e.awsErrorDetails() == null || e.awsErrorDetails().errorCode() == null
        ? ""
        : e.awsErrorDetails().errorCode();
  }

  /** AWS's own words, without the parts that are only for programs. */
  static String message(AwsServiceException e) {
    String text = e.awsErrorDetails() == null ? null : e.awsErrorDetails().errorMessage();
    String words = text == null || text.isBlank() ? code(e) : text;
    // EC2 adds a page of base64.
    return words.replaceFirst("(?s)Encoded authorization failure message.*", "").strip();
  }

  /** The action and, if it is told, on what. */
  private static Optional<String> deniedAction(AwsServiceException e) {
    Matcher named = ACTION.matcher(message(e));
    if (named.find()) {
      return Optional.of(named.group("action"));
    }
    return Optional.ofNullable(e.awsErrorDetails())
        .map(details -> details.serviceName())
        .filter(service -> !service.isEmpty())
        .map(service -> "a call of " + service);
  }

  private static boolean isOfNetwork(SdkException e) {
    if (!(e instanceof SdkClientException)) {
      return false;
    }
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }
}
