package dev.pgportage.config;

import dev.pgportage.config.Problem.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The texts given for each setting, by file and command line, and what they mean. Whatever cannot
 * be read becomes a problem, and the default stands in so that the rest can be looked at too.
 */
final class SettingValues {
  /** The texts given for a setting: one, or any number for a list. */
  private record Given(Place place, List<YamlNode.Text> texts, boolean list) {}

  private final SettingList known;
  private final String origin;
  private final Environment environment;
  private final Problems problems;
  private final Map<String, Given> given = new HashMap<>();
  private final Set<String> written = new HashSet<>();
  private final Map<String, YamlNode> lists = new HashMap<>();

  SettingValues(String origin, Environment environment, Problems problems) {
    this(Settings.LIST, origin, environment, problems);
  }

  SettingValues(SettingList known, String origin, Environment environment, Problems problems) {
    this.known = known;
    this.origin = origin;
    this.environment = environment;
    this.problems = problems;
  }

  /** What the settings are read from. */
  String origin() {
    return origin;
  }

  /** Takes what a file's document says. */
  void addFile(YamlNode root) {
    switch (root) {
      case YamlNode.Keys keys -> addKeys("", keys);
      case YamlNode.Nothing _ -> {}
      case YamlNode.Text text -> notKeys(text.place());
      case YamlNode.Items items -> notKeys(items.place());
    }
  }

  /** Takes one option of the command line; it replaces what the file says. */
  void addOption(MigrationFile.Option option) {
    Place place = Place.named(option.name());
    Optional<Setting<?>> setting = setting(option.key());
    if (setting.isEmpty()) {
      unknown(place, option.key());
      return;
    }
    boolean list = setting.get().kind().list();
    List<String> texts =
        !list
            ? List.of(option.value())
            : Stream.of(option.value().split(","))
                .map(String::strip)
                .filter(t -> !t.isEmpty())
                .toList();
    written.add(option.key());
    given.put(
        option.key(),
        new Given(place, texts.stream().map(t -> new YamlNode.Text(place, t)).toList(), list));
  }

  /** Where a setting was written; where it is missing, if it was not. */
  Place place(Setting<?> setting) {
    Given texts = given.get(setting.key());
    return texts == null ? Place.named(origin) : texts.place();
  }

  /** Whether anything was written for a setting, be it right or wrong. */
  boolean isGiven(Setting<?> setting) {
    return written.contains(setting.key());
  }

  /** The text of a setting as it was written, placeholders included. */
  Optional<String> raw(Setting<?> setting) {
    Given texts = given.get(setting.key());
    return texts == null || texts.texts().isEmpty()
        ? Optional.empty()
        : Optional.of(texts.texts().getFirst().text());
  }

  /** The value of a setting, its default if none was given or what was given is wrong. */
  <T> T get(Setting<T> setting) {
    return find(setting).orElseGet(setting::defaultValue);
  }

  /** The value of a setting, if one was given and is right. */
  <T> Optional<T> find(Setting<T> setting) {
    Given texts = given.get(setting.key());
    return texts == null ? Optional.empty() : parse(setting, texts.texts().getFirst());
  }

  /** The values of a list. */
  <T> List<T> list(Setting<T> setting) {
    Given texts = given.get(setting.key());
    return texts == null
        ? List.of()
        : texts.texts().stream().flatMap(text -> parse(setting, text).stream()).toList();
  }

  /** What was written for a list of items with keys of their own. */
  Optional<YamlNode> items(String key) {
    return Optional.ofNullable(lists.get(key));
  }

  private <T> Optional<T> parse(Setting<T> setting, YamlNode.Text text) {
    int before = problems.errors().size();
    String value =
        new Placeholders(environment, text.place(), setting.key(), problems).replace(text.text());
    if (problems.errors().size() > before) {
      return Optional.empty();
    }
    Optional<T> parsed = setting.kind().parser().apply(value);
    if (parsed.isEmpty()) {
      problems.error(
          text.place(),
          setting.key(),
          quoted(text.text()) + " is not allowed",
          "allowed: " + setting.kind().allowed());
    }
    return parsed;
  }

  /** What a user wrote, in a message: short, and never what a variable held. */
  private static String quoted(String text) {
    int most = 60;
    return "'" + (text.length() > most ? text.substring(0, most) + "…" : text) + "'";
  }

  private void addKeys(String section, YamlNode.Keys keys) {
    var seen = new ArrayList<String>();
    for (YamlNode.Entry entry : keys.entries()) {
      String key = section + entry.key();
      if (seen.contains(key)) {
        problems.error(entry.place(), key, "this key stands twice", "keep one of them");
      }
      seen.add(key);
      Optional<Setting<?>> setting = setting(key);
      if (setting.isPresent()) {
        addSetting(setting.get(), entry);
      } else if (section.isEmpty() && known.sections().containsKey(key)) {
        addSection(entry);
      } else if (section.isEmpty() && known.lists().contains(key)) {
        lists.put(key, entry.value());
      } else {
        unknown(entry.place(), key);
      }
    }
  }

  private void addSection(YamlNode.Entry entry) {
    switch (entry.value()) {
      case YamlNode.Keys keys -> addKeys(entry.key() + ".", keys);
      case YamlNode.Nothing _ -> {}
      case YamlNode.Text text -> notSection(text.place(), entry.key());
      case YamlNode.Items items -> notSection(items.place(), entry.key());
    }
  }

  private void addSetting(Setting<?> setting, YamlNode.Entry entry) {
    written.add(setting.key());
    boolean list = setting.kind().list();
    switch (entry.value()) {
      case YamlNode.Text text when !list -> put(setting, text.place(), List.of(text), false);
      case YamlNode.Items items when list -> addItems(setting, items);
      case YamlNode.Nothing _ when list -> {}
      case YamlNode.Nothing nothing -> wrongType(setting, nothing.place(), "has no value");
      case YamlNode.Text text -> wrongType(setting, text.place(), "is not a list");
      case YamlNode.Items items -> wrongType(setting, items.place(), "is a list");
      case YamlNode.Keys keys when setting.isDatabase() ->
          new DatabaseKeys(setting.key(), problems)
              .read(keys)
              .ifPresent(url -> put(setting, keys.place(), List.of(url), false));
      case YamlNode.Keys keys -> wrongType(setting, keys.place(), "has keys below it");
    }
  }

  private void addItems(Setting<?> setting, YamlNode.Items items) {
    var texts = new ArrayList<YamlNode.Text>();
    for (YamlNode item : items.items()) {
      if (item instanceof YamlNode.Text text) {
        texts.add(text);
      } else {
        wrongType(setting, item.place(), "an item of the list is not a text");
      }
    }
    put(setting, items.place(), texts, true);
  }

  private void put(Setting<?> setting, Place place, List<YamlNode.Text> texts, boolean list) {
    given.put(setting.key(), new Given(place, texts, list));
  }

  private Optional<Setting<?>> setting(String key) {
    for (Setting<?> setting : known.all()) {
      if (setting.key().equals(key)) {
        return Optional.of(setting);
      }
    }
    return Optional.empty();
  }

  private void unknown(Place place, String key) {
    String section = key.contains(".") ? key.substring(0, key.indexOf('.') + 1) : "";
    List<String> siblings =
        known.keys().stream()
            .filter(sibling -> !section.isEmpty() && sibling.startsWith(section))
            .toList();
    String fallback =
        siblings.isEmpty()
            ? "see " + known.reference() + " for the keys there are"
            : "allowed: " + String.join(", ", siblings);
    var candidates = new ArrayList<>(known.keys());
    candidates.addAll(known.sections().keySet());
    candidates.addAll(known.lists());
    problems.error(
        place, key, "this key is not known", Suggestion.forWord(key, candidates, fallback));
  }

  private void wrongType(Setting<?> setting, Place place, String what) {
    problems.error(place, setting.key(), what, "allowed: " + setting.kind().allowed());
  }

  private void notKeys(Place place) {
    problems.error(place, "", "the file holds no keys", "key: value lines, such as source: …");
  }

  private void notSection(Place place, String section) {
    problems.error(
        place,
        section,
        "this is a section",
        "keys below it: "
            + String.join(
                ", ", known.keys().stream().filter(k -> k.startsWith(section + ".")).toList()));
  }
}
