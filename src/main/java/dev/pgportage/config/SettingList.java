package dev.pgportage.config;

import java.util.List;
import java.util.Map;

/**
 * The keys a kind of file may hold.
 *
 * @param all every key, in the file's order
 * @param sections what each section is about
 * @param reference the document that lists them, for messages
 */
record SettingList(List<Setting<?>> all, Map<String, String> sections, String reference) {
  /** Copies both. */
  SettingList {
    all = List.copyOf(all);
    sections = Map.copyOf(sections);
  }

  List<String> keys() {
    return all.stream().map(Setting::key).toList();
  }
}
