package dev.pgportage.aws.template;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The CloudFormation template of an engine, as text and as the questions it asks.
 *
 * <p>Immutable.
 */
public final class AwsTemplate {
  /** The size up to which CloudFormation's API takes a template as text instead of from S3. */
  public static final int LARGEST_BODY = 51_200;

  /** The longest name of a stack with which every name made from it stays within its limit. */
  public static final int LONGEST_STACK_NAME = 40;

  /** The tag, with the stack's name, on everything a stack or its workflows make. */
  public static final String STACK_TAG = Tags.RULES;

  /** The output with the workflow's input, up to READY. */
  public static final String PAYLOAD_OUTPUT = "StepFunctionsPayloadTemplate";

  /** The output with the address of the migration workflow in the console. */
  public static final String CONSOLE_OUTPUT = "StepFunctionsConsoleURL";

  /** The output with the ARN of the migration workflow. */
  public static final String MIGRATION_OUTPUT = "MigrationStateMachineArn";

  /** The output with the workflow's input for the cutover. */
  public static final String CUTOVER_PAYLOAD_OUTPUT = "CutoverPayloadTemplate";

  /** The output with the workflow's input for going back to the source; of the native engine. */
  public static final String ROLLBACK_PAYLOAD_OUTPUT = "RollbackPayloadTemplate";

  /** The output with the workflow's input for leaving nothing in the databases; likewise. */
  public static final String CLEANUP_PAYLOAD_OUTPUT = "CleanupPayloadTemplate";

  /** Begins the cause of executions that end because their stack goes: no mail tells of them. */
  public static final String MEANT = FailureMail.MEANT;

  /** Made once in a process: shortening takes seconds. */
  private static final Map<Engine, String> SHORT = new ConcurrentHashMap<>();

  private final Engine engine;
  private final Template template;

  private AwsTemplate(Engine engine, Template template) {
    this.engine = engine;
    this.template = template;
  }

  /** The engine's template. */
  public static AwsTemplate of(Engine engine) {
    return new AwsTemplate(
        engine,
        switch (engine) {
          case DMS -> DmsTemplate.template();
          case NATIVE -> NativeTemplate.template();
        });
  }

  /**
   * The template for the API: the same resources as JSON, as short as it can be, without the texts
   * and groups of the console's form.
   */
  public String json() {
    return SHORT.computeIfAbsent(engine, _ -> JsonRendering.render(template.terse()));
  }

  /** The template for people and the console's upload. */
  public String yaml() {
    return YamlRendering.render(
        template,
        List.of(
            "Made by 'pgportage aws template --engine "
                + engine.name().toLowerCase(Locale.ROOT)
                + "'. How to use it: docs/aws.md."));
  }

  /** What the template asks, in the order of the console. */
  public List<Parameter> parameters() {
    return template.parameters();
  }

  /** The names of the outputs a stack has when its workflows are made. */
  public List<String> outputs() {
    return template.outputs().stream().map(Output::name).toList();
  }
}
