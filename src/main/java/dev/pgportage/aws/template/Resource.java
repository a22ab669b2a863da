package dev.pgportage.aws.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A resource of a template: what CloudFormation makes and removes. */
record Resource(
    String name,
    String type,
    Map<String, Object> properties,
    Map<String, Object> attributes,
    @Nullable String comment) {

  static Resource of(String name, String type, Map<String, Object> properties) {
    return new Resource(name, type, properties, Map.of(), null);
  }

  /** The same, made only if the condition holds. */
  Resource when(String condition) {
    return with("Condition", condition);
  }

  /** The same, made after the others and removed before them. */
  Resource after(String... resources) {
    return with("DependsOn", List.of((Object[]) resources));
  }

  /** The same, left where it is when the stack that made it goes. */
  Resource kept() {
    return with("DeletionPolicy", "RetainExceptOnCreate").with("UpdateReplacePolicy", "Retain");
  }

  /** The same, removed with the stack. */
  Resource removed() {
    return with("DeletionPolicy", "Delete").with("UpdateReplacePolicy", "Delete");
  }

  /** The same with a line for readers of the YAML. */
  Resource saying(String text) {
    return new Resource(name, type, properties, attributes, text);
  }

  Map<String, Object> body() {
    var body = new LinkedHashMap<String, Object>();
    body.put("Type", type);
    body.putAll(attributes);
    body.put("Properties", properties);
    return body;
  }

  private Resource with(String attribute, Object value) {
    var all = new LinkedHashMap<String, Object>(attributes);
    all.put(attribute, value);
    return new Resource(name, type, properties, all, comment);
  }
}
