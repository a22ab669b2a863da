package dev.pgportage.config;

import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The keys a kind of file may hold.
 *
 * @param all every key, in the file's order
 * @param sections what each section is about
 * @param reference the document that lists them, for messages
 * @param lists the keys of the top that take a list of items with keys of their own
 */
record SettingList(
    List<Setting<?>> all, Map<String, String> sections, String reference, Set<String> lists) {
  /** Copies them. */
  SettingList {
    all = List.copyOf(all);
    sections = Map.copyOf(sections);
    lists = Set.copyOf(lists);
  }

  /** Keys without lists of items. */
  SettingList(List<Setting<?>> all, Map<String, String> sections, String reference) {
    this(all, sections, reference, Set.of());
  }

  List<String> keys() {
    return all.stream().map(Setting::key).toList();
  }
}
