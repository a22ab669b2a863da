package dev.pgportage.aws.template;

import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.comments.CommentLine;
import org.yaml.snakeyaml.comments.CommentType;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;

/** Writes a template as YAML for people: short forms of functions, documents indented. */
final class YamlRendering {
  /** A blank line as the library writes it between indented keys. */
  private static final Pattern INDENTED_NOTHING = Pattern.compile("^ +$", Pattern.MULTILINE);

  private static final int WIDTH = 110;
  private static final int SHORT_LIST = 90;

  private YamlRendering() {}

  /**
   * The template as YAML.
   *
   * @param header lines of the comment it begins with
   */
  static String render(Template template, List<String> header) {
    var options = new DumperOptions();
    options.setWidth(WIDTH);
    options.setSplitLines(false);
    options.setIndicatorIndent(2);
    options.setIndentWithIndicator(true);
    options.setIndent(2);
    options.setProcessComments(true);
    var out = new StringWriter();
    header.forEach(line -> out.write("# " + line + "\n"));
    new Yaml(options).serialize(root(template), out);
    return INDENTED_NOTHING.matcher(out.toString()).replaceAll("");
  }

  private static Node root(Template template) {
    var root = (MappingNode) node(template.body());
    for (NodeTuple section : root.getValue()) {
      comment(section.getKeyNode(), "");
      if (section.getValueNode() instanceof MappingNode inner
          && ((ScalarNode) section.getKeyNode()).getValue().equals("Resources")) {
        for (NodeTuple resource : inner.getValue()) {
          String name = ((ScalarNode) resource.getKeyNode()).getValue();
          template.resources().stream()
              .filter(each -> each.name().equals(name))
              .forEach(each -> comment(resource.getKeyNode(), text(each)));
        }
      }
    }
    return root;
  }

  private static String text(Resource resource) {
    String comment = resource.comment();
    return comment == null ? "" : comment;
  }

  /** A blank line in front of the key, and the text if there is one. */
  private static void comment(Node key, String text) {
    var lines = new ArrayList<CommentLine>();
    lines.add(new CommentLine(null, null, "", CommentType.BLANK_LINE));
    if (!text.isEmpty()) {
      lines.add(new CommentLine(null, null, " " + text, CommentType.BLOCK));
    }
    key.setBlockComments(lines);
  }

  private static Node node(Object value) {
    return switch (value) {
      case Map<?, ?> map -> mapping(map);
      case List<?> list -> sequence(Tag.SEQ, list);
      case Intrinsic.Ref ref -> scalar(new Tag("!Ref"), ref.name());
      case Intrinsic.GetAtt att ->
          scalar(new Tag("!GetAtt"), att.resource() + "." + att.attribute());
      case Intrinsic.Sub sub -> substitution(sub.text(), sub.variables());
      case Intrinsic.Document document ->
          substitution(JsonRendering.pretty(document), document.variables());
      case Intrinsic.Program program -> scalar(Tag.STR, program.text());
      case Intrinsic.Call call -> call(call);
      case Intrinsic.Bare bare -> throw new IllegalArgumentException("Outside a document: " + bare);
      case Boolean bool -> scalar(Tag.BOOL, bool.toString());
      case Number number -> scalar(Tag.INT, number.toString());
      default -> scalar(Tag.STR, value.toString());
    };
  }

  private static Node call(Intrinsic.Call call) {
    var tag = new Tag("!" + call.function());
    return call.function().equals("Condition")
        ? scalar(tag, (String) call.arguments().getFirst())
        : sequence(tag, call.arguments());
  }

  private static Node substitution(String text, Map<String, Object> variables) {
    if (!text.contains("${")) {
      return scalar(Tag.STR, text);
    }
    Map<String, Object> used = JsonRendering.used(text, variables);
    return used.isEmpty()
        ? scalar(new Tag("!Sub"), text)
        : sequence(new Tag("!Sub"), List.of(text, used));
  }

  private static Node mapping(Map<?, ?> map) {
    List<NodeTuple> tuples = new ArrayList<>();
    map.forEach((key, value) -> tuples.add(new NodeTuple(node(key), node(value))));
    return new MappingNode(Tag.MAP, tuples, map.isEmpty() ? FlowStyle.FLOW : FlowStyle.BLOCK);
  }

  private static Node sequence(Tag tag, List<?> list) {
    boolean flow =
        list.stream().noneMatch(YamlRendering::large)
            && list.stream().mapToInt(each -> each.toString().length() + 2).sum() < SHORT_LIST;
    return new SequenceNode(
        tag,
        list.stream().map(YamlRendering::node).toList(),
        flow ? FlowStyle.FLOW : FlowStyle.BLOCK);
  }

  private static boolean large(Object value) {
    return value instanceof Map
        || value instanceof List
        || value instanceof Intrinsic.Document
        || value instanceof Intrinsic.Program
        || (value instanceof String text && text.contains("\n"));
  }

  private static Node scalar(Tag tag, String text) {
    ScalarStyle style = text.contains("\n") ? ScalarStyle.LITERAL : ScalarStyle.PLAIN;
    return new ScalarNode(tag, text, null, null, style);
  }
}
