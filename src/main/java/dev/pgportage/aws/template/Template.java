package dev.pgportage.aws.template;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A CloudFormation template.
 *
 * @param conditions by name, in their order
 */
record Template(
    String description,
    List<Parameter> parameters,
    Map<String, Object> conditions,
    List<Resource> resources,
    List<Output> outputs) {

  /** The whole as CloudFormation reads it, top keys in the customary order. */
  Map<String, Object> body() {
    Map<String, Object> body = bare();
    var whole = new LinkedHashMap<String, Object>();
    body.forEach(
        (key, value) -> {
          if (key.equals("Parameters")) {
            whole.put("Metadata", Json.object("AWS::CloudFormation::Interface", form()));
          }
          whole.put(key, value);
        });
    return whole;
  }

  /** The same without the console's form and without descriptions: nobody sees them there. */
  Map<String, Object> terse() {
    Map<String, Object> body = bare();
    for (String section : List.of("Parameters", "Outputs")) {
      if (body.get(section) instanceof Map<?, ?> all) {
        all.values().forEach(each -> withoutDescriptions((Map<?, ?>) each));
      }
    }
    return body;
  }

  private static void withoutDescriptions(Map<?, ?> each) {
    each.remove("Description");
    each.remove("ConstraintDescription");
  }

  private Map<String, Object> bare() {
    var asked = new LinkedHashMap<String, Object>();
    parameters.forEach(parameter -> put(asked, parameter.name(), parameter.body()));
    var made = new LinkedHashMap<String, Object>();
    resources.forEach(resource -> put(made, resource.name(), resource.body()));
    var told = new LinkedHashMap<String, Object>();
    outputs.forEach(output -> put(told, output.name(), output.body()));
    return Json.object(
        "AWSTemplateFormatVersion",
        "2010-09-09",
        "Description",
        description,
        "Parameters",
        asked,
        "Conditions",
        conditions,
        "Resources",
        made,
        "Outputs",
        told);
  }

  /** How the console lays the parameters out. */
  private Map<String, Object> form() {
    Map<String, List<String>> groups =
        parameters.stream()
            .collect(
                Collectors.groupingBy(
                    Parameter::group,
                    LinkedHashMap::new,
                    Collectors.mapping(Parameter::name, Collectors.toList())));
    List<Object> shown =
        groups.entrySet().stream()
            .<Object>map(
                group ->
                    Json.object(
                        "Label",
                        Json.object("default", group.getKey()),
                        "Parameters",
                        group.getValue()))
            .toList();
    var labels = new LinkedHashMap<String, Object>();
    parameters.forEach(
        parameter -> labels.put(parameter.name(), Json.object("default", parameter.label())));
    return Json.object("ParameterGroups", shown, "ParameterLabels", labels);
  }

  private static void put(Map<String, Object> map, String name, Object value) {
    if (map.put(name, value) != null) {
      throw new IllegalArgumentException("Twice in one template: " + name);
    }
  }
}
