package dev.pgportage.cli;

import dev.pgportage.aws.StackTemplate;
import dev.pgportage.aws.template.AwsTemplate;
import dev.pgportage.aws.template.Engine;
import dev.pgportage.aws.template.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

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

  private AwsTemplates() {}

  static StackTemplate of(Engine engine) {
    AwsTemplate template = AwsTemplate.of(engine);
    List<Asked> questions = template.parameters().stream().map(Asked::new).toList();
    return new StackTemplate(
        engine.name().toLowerCase(Locale.ROOT), template.json(), List.copyOf(questions));
  }
}
