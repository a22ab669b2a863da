package dev.pgportage.aws.template;

import java.util.List;
import java.util.Map;

/** A value CloudFormation computes when the stack is made. */
sealed interface Intrinsic {
  /** A parameter's value, or the identity of a resource. */
  record Ref(String name) implements Intrinsic {}

  /** An attribute of a resource. */
  record GetAtt(String resource, String attribute) implements Intrinsic {}

  /**
   * Text with {@code ${Name}} in it.
   *
   * @param variables values of names that are no parameter's or resource's
   */
  record Sub(String text, Map<String, Object> variables) implements Intrinsic {}

  /**
   * A JSON document inside a text property: a state machine, a dashboard, DMS settings. Its texts
   * may hold {@code ${Name}}, and a {@link Bare} stands for a number or a boolean.
   */
  record Document(Object content, Map<String, Object> variables) implements Intrinsic {}

  /** A program inside a text property; it has no {@code ${Name}}. */
  record Program(String text) implements Intrinsic {}

  /** Inside a document: the variable's value without quotes around it. */
  record Bare(String variable) implements Intrinsic {}

  /** A function of a list of arguments: {@code Fn::If}, {@code Fn::Equals}, {@code Fn::Join}. */
  record Call(String function, List<Object> arguments) implements Intrinsic {}

  static Ref ref(String name) {
    return new Ref(name);
  }

  static GetAtt att(String resource, String attribute) {
    return new GetAtt(resource, attribute);
  }

  static Sub sub(String text) {
    return new Sub(text, Map.of());
  }

  static Document document(Object content, Map<String, Object> variables) {
    return new Document(content, variables);
  }

  static Call choose(String condition, Object then, Object otherwise) {
    return new Call("If", List.of(condition, then, otherwise));
  }

  static Call call(String function, Object... arguments) {
    return new Call(function, List.of(arguments));
  }

  /** The stack's name, a dash, and the given text. */
  static Sub named(String suffix) {
    return sub("${AWS::StackName}-" + suffix);
  }
}
