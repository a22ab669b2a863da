package dev.pgportage.cli;

import dev.pgportage.aws.StackTemplate;
import dev.pgportage.aws.template.AwsTemplate;
import dev.pgportage.aws.template.Engine;
import dev.pgportage.aws.template.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The templates as they are deployed. */
final class AwsTemplates {
  /** A parameter of the template as a question. */
  private record Asked(Parameter parameter) implements StackTemplate.Question {
    @Override
    public String name() {
      return parameter.name();
    }

    @Override
    public boolean optional() {
      return parameter.optional();
    }

    @Override
    public Optional<String> problem(String answer) {
      return parameter.problem(answer);
    }
  }

  /** Made once: shortening a template takes seconds. */
  private static final Map<Engine, StackTemplate> MADE = new ConcurrentHashMap<>();

  private AwsTemplates() {}

  static StackTemplate of(Engine engine) {
    return MADE.computeIfAbsent(engine, AwsTemplates::make);
  }

  private static StackTemplate make(Engine engine) {
    AwsTemplate template = AwsTemplate.of(engine);
    List<Asked> questions = template.parameters().stream().map(Asked::new).toList();
    return new StackTemplate(
        engine.name().toLowerCase(Locale.ROOT), template.json(), List.copyOf(questions));
  }
}
