package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;

/** The names of the one publication and the one slot on the source. */
final class SourceObjects {
  private SourceObjects() {}

  static String slotName(MigrationConfig config) {
    return config.apply().slot().orElse("pgportage_" + config.name());
  }

  /** The temporary slot that marks a point of the source's history to compare at. */
  static String validationSlotName(MigrationConfig config) {
    return "pgportage_" + config.name() + "_v";
  }

  static String publicationName(MigrationConfig config) {
    return "pgportage_" + config.name();
  }
}
