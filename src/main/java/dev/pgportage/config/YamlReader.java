package dev.pgportage.config;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import dev.pgportage.config.Problem.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Optional;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;

/** Reads YAML into nodes that know their places. Every scalar stays the text it was written as. */
final class YamlReader {
  private final String origin;
  private final Problems problems;

  YamlReader(String origin, Problems problems) {
    this.origin = origin;
    this.problems = problems;
  }

  /** The document in a text; empty if it has none, or is not YAML, which is a problem. */
  Optional<YamlNode> read(String text) {
    try (YAMLParser parser = new YAMLFactory().createParser(text)) {
      if (parser.nextToken() == null) {
        return Optional.empty();
      }
      YamlNode root = node(parser);
      if (parser.nextToken() != null) {
        problems.error(place(parser), "", "a second document begins here", "one per file");
      }
      return Optional.of(root);
    } catch (JsonProcessingException e) {
      // The parser's own message quotes the file, which may hold a password.
      Place place = place(e);
      problems.error(
          place,
          "",
          "this is not YAML",
          "look at indentation, a missing colon, an open quote or a tab here or just above");
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private YamlNode node(YAMLParser parser) throws IOException {
    Place place = place(parser);
    if (parser.isCurrentAlias()) {
      problems.error(place, "", "an alias (*name) stands here", "write the value itself");
      return new YamlNode.Nothing(place);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> keys(parser, place);
      case START_ARRAY -> items(parser, place);
      case VALUE_NULL -> new YamlNode.Nothing(place);
      default -> new YamlNode.Text(place, parser.getText());
    };
  }

  private YamlNode keys(YAMLParser parser, Place place) throws IOException {
    var entries = new ArrayList<YamlNode.Entry>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      Place keyPlace = place(parser);
      String key = parser.currentName();
      parser.nextToken();
      entries.add(new YamlNode.Entry(keyPlace, key, node(parser)));
    }
    return new YamlNode.Keys(place, entries);
  }

  private YamlNode items(YAMLParser parser, Place place) throws IOException {
    var items = new ArrayList<YamlNode>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(parser));
    }
    return new YamlNode.Items(place, items);
  }

  private Place place(JsonProcessingException e) {
    if (e.getCause() instanceof MarkedYAMLException marked && marked.getProblemMark() != null) {
      Mark mark = marked.getProblemMark();
      return new Place(origin, mark.getLine() + 1, mark.getColumn() + 1);
    }
    return Place.named(origin);
  }

  private Place place(YAMLParser parser) {
    var location = parser.currentTokenLocation();
    return new Place(origin, location.getLineNr(), location.getColumnNr());
  }
}
