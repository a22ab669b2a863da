package dev.pgportage.aws.template;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.util.RawValue;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writes a template as JSON for the API, as short as it can be, and the documents inside it. */
final class JsonRendering {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final ObjectWriter PRETTY =
      MAPPER.writer(
          new DefaultPrettyPrinter()
              .withObjectIndenter(new DefaultIndenter("  ", "\n"))
              .withArrayIndenter(new DefaultIndenter("  ", "\n"))
              .withSeparators(
                  com.fasterxml.jackson.core.util.Separators.createDefaultInstance()
                      .withObjectFieldValueSpacing(
                          com.fasterxml.jackson.core.util.Separators.Spacing.AFTER)));

  private static final int WORTH_SHORTENING = 800;

  private JsonRendering() {}

  static String render(Object value) {
    return write(MAPPER.writer(), plain(value));
  }

  /** An embedded document without a superfluous blank. */
  static String compact(Intrinsic.Document document) {
    return write(MAPPER.writer(), content(document.content()));
  }

  /** An embedded document, indented. */
  static String pretty(Intrinsic.Document document) {
    return write(PRETTY, content(document.content()));
  }

  /** The value with every intrinsic in its long form. */
  private static Object plain(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, each) -> plain.put((String) key, plain(each)));
        yield plain;
      }
      case List<?> list -> list.stream().map(JsonRendering::plain).toList();
      case Intrinsic.Ref ref -> Json.object("Ref", ref.name());
      case Intrinsic.GetAtt att ->
          Json.object("Fn::GetAtt", List.of(att.resource(), att.attribute()));
      case Intrinsic.Sub sub -> substitution(sub.text(), sub.variables());
      case Intrinsic.Document document -> abbreviated(compact(document), document.variables());
      case Intrinsic.Program program -> abbreviated(program.text(), Map.of());
      case Intrinsic.Call call -> Json.object(longName(call), plain(call.arguments()));
      case Intrinsic.Bare bare -> throw new IllegalArgumentException("Outside a document: " + bare);
      default -> value;
    };
  }

  private static String longName(Intrinsic.Call call) {
    return call.function().equals("Condition") ? "Condition" : "Fn::" + call.function();
  }

  private static Object substitution(String text, Map<String, Object> variables) {
    if (!text.contains("${")) {
      return text;
    }
    return Json.object(
        "Fn::Sub",
        used(text, variables).isEmpty() ? text : List.of(text, plain(used(text, variables))));
  }

  /** A text, with what repeats in it written once where that saves much. */
  private static Object abbreviated(String text, Map<String, Object> variables) {
    if (text.length() < WORTH_SHORTENING) {
      return substitution(text, variables);
    }
    Abbreviation abbreviation = Abbreviation.of(text);
    return substitution(
        abbreviation.text(), Json.joined(used(text, variables), abbreviation.variables()));
  }

  /** The variables that occur in the text. */
  static Map<String, Object> used(String text, Map<String, Object> variables) {
    var used = new LinkedHashMap<String, Object>();
    variables.forEach(
        (name, value) -> {
          if (text.contains("${" + name + "}")) {
            used.put(name, value);
          }
        });
    return used;
  }

  /** A document's content; the only intrinsic in there is the bare variable. */
  private static Object content(Object value) {
    return switch (value) {
      case Map<?, ?> map -> {
        var plain = new LinkedHashMap<String, Object>();
        map.forEach((key, each) -> plain.put((String) key, content(each)));
        yield plain;
      }
      case List<?> list -> list.stream().map(JsonRendering::content).toList();
      case Intrinsic.Bare bare -> new RawValue("${" + bare.variable() + "}");
      case Intrinsic other ->
          throw new IllegalArgumentException("Make it a variable of the document: " + other);
      default -> value;
    };
  }

  private static String write(ObjectWriter writer, Object value) {
    try {
      return writer.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("Not to be written as JSON", e);
    }
  }
}
