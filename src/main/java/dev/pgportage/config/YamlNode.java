package dev.pgportage.config;

import dev.pgportage.config.Problem.Place;
import java.util.List;

/** A part of a YAML file that knows where it stands. */
sealed interface YamlNode {
  /** Where it begins. */
  Place place();

  /** A scalar, as it is written, without its quotes. */
  record Text(Place place, String text) implements YamlNode {}

  /** No value at all, or {@code null}. */
  record Nothing(Place place) implements YamlNode {}

  /** A sequence. */
  record Items(Place place, List<YamlNode> items) implements YamlNode {
    /** Copies the list. */
    public Items {
      items = List.copyOf(items);
    }
  }

  /** A mapping, with all its keys, even those that occur twice. */
  record Keys(Place place, List<Entry> entries) implements YamlNode {
    /** Copies the list. */
    public Keys {
      entries = List.copyOf(entries);
    }
  }

  /**
   * A key and its value.
   *
   * @param place where the key stands
   */
  record Entry(Place place, String key, YamlNode value) {}
}
