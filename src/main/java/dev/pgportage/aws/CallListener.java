package dev.pgportage.aws;

import java.util.Locale;
import java.util.function.Consumer;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.core.interceptor.SdkExecutionAttribute;

/** Tells every call that is made. */
final class CallListener implements ExecutionInterceptor {
  private final CallText text;
  private final Consumer<String> told;

  CallListener(CallText text, Consumer<String> told) {
    this.text = text;
    this.told = told;
  }

  @Override
  public void beforeExecution(Context.BeforeExecution context, ExecutionAttributes attributes) {
    told.accept(
        "asks        "
            + service(attributes)
            + ":"
            + attributes.getAttribute(SdkExecutionAttribute.OPERATION_NAME)
            + "  "
            + text.of(context.request()));
  }

  /** The service as policies name it. */
  private static String service(ExecutionAttributes attributes) {
    String name = attributes.getAttribute(SdkExecutionAttribute.SERVICE_NAME);
    String plain = name == null ? "" : name.toLowerCase(Locale.ROOT).replace(" ", "");
    return switch (plain) {
      case "databasemigration", "databasemigrationservice" -> "dms";
      case "sfn" -> "states";
      default -> plain;
    };
  }
}
