package dev.pgportage.aws;

import java.util.List;
import java.util.Optional;

/**
 * A CloudFormation template and the questions it asks.
 *
 * @param engine which engine it is for, as on the command line
 * @param json the template as it is sent
 * @param questions its parameters
 */
public record StackTemplate(String engine, String json, List<Question> questions) {
  /** Copies the list. */
  public StackTemplate {
    questions = List.copyOf(questions);
  }

  /** One parameter. */
  public interface Question {
    /** The parameter's name. */
    String name();

    /** Whether the template has an answer of its own. */
    boolean optional();

    /** What is wrong with an answer, without the answer; nothing if it fits. */
    Optional<String> problem(String answer);
  }

  boolean asks(String name) {
    return questions.stream().anyMatch(question -> question.name().equals(name));
  }
}
