package dev.pgportage.config;

import dev.pgportage.config.Problem.Place;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Takes a fleet's document apart: defaults, migrations, and the rest. Used once. */
final class FleetReader {
  /** What cannot be the same for two migrations. */
  private static final Set<String> OF_ONE = Set.of("name", "source", "target");

  private final Problems problems;
  private final List<YamlNode.Keys> migrations = new ArrayList<>();
  private final List<YamlNode.Entry> others = new ArrayList<>();
  private Optional<YamlNode.Keys> defaults = Optional.empty();
  private Place place = Place.named("");

  FleetReader(Problems problems) {
    this.problems = problems;
  }

  void read(YamlNode root) {
    place = root.place();
    if (!(root instanceof YamlNode.Keys keys)) {
      problems.error(place, "", "the file holds no keys", "migrations: or discover:");
      return;
    }
    for (YamlNode.Entry entry : keys.entries()) {
      switch (entry.key()) {
        case "defaults" -> readDefaults(entry);
        case "migrations" -> readMigrations(entry);
        default -> others.add(entry);
      }
    }
  }

  /** The defaults of all migrations. */
  Optional<YamlNode.Keys> defaults() {
    return defaults;
  }

  /** The migrations written out. */
  List<YamlNode.Keys> migrations() {
    return migrations;
  }

  /** The document without both. */
  YamlNode.Keys rest() {
    return new YamlNode.Keys(place, others);
  }

  private void readDefaults(YamlNode.Entry entry) {
    if (defaults.isPresent()) {
      twice(entry);
    } else if (entry.value() instanceof YamlNode.Keys keys) {
      keys.entries().stream()
          .filter(key -> OF_ONE.contains(key.key()))
          .forEach(
              key ->
                  problems.error(
                      key.place(),
                      "defaults." + key.key(),
                      "cannot be the same for all",
                      "write it with each migration"));
      defaults =
          Optional.of(
              new YamlNode.Keys(
                  keys.place(),
                  keys.entries().stream().filter(key -> !OF_ONE.contains(key.key())).toList()));
    } else if (!(entry.value() instanceof YamlNode.Nothing)) {
      problems.error(
          entry.place(), "defaults", "this is a section", "keys of migration.yaml below it");
    }
  }

  private void readMigrations(YamlNode.Entry entry) {
    if (!migrations.isEmpty()) {
      twice(entry);
    } else if (entry.value() instanceof YamlNode.Items items) {
      for (YamlNode item : items.items()) {
        if (item instanceof YamlNode.Keys keys) {
          migrations.add(keys);
        } else {
          problems.error(item.place(), "migrations", "has no keys", "source, target and others");
        }
      }
    } else if (!(entry.value() instanceof YamlNode.Nothing)) {
      problems.error(entry.place(), "migrations", "is not a list", "- source: … for each");
    }
  }

  private void twice(YamlNode.Entry entry) {
    problems.error(entry.place(), entry.key(), "this key stands twice", "keep one of them");
  }
}
