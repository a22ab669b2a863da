package dev.pgportage.config;

import java.util.List;
import java.util.Map;

/** The keys of a fleet's file, but for its migrations and their defaults. */
final class FleetSettings {
  private static final Kind<String> URL =
      Kind.text("postgresql://user@host:5432/{database}", "(?s).+");
  private static final Kind<String> NAMES =
      Kind.texts("names of databases; * stands for any characters", "(?s).+");

  static final Setting<Long> RUNNING =
      Setting.of(
          "limits.running",
          Kind.whole(1, 64),
          "4",
          "Migrations that load at once. The others wait; those that have loaded replicate on"
              + " whatever the number.");
  static final Setting<Long> WORKERS =
      Setting.of(
          "limits.workers",
          Kind.whole(1, 256),
          "8",
          "Chunks copied at once by all of them together, and as many indexes built and tables"
              + " compared; each migration has its equal share, or less by its own settings.");
  static final Setting<Long> MAX_RATE =
      Setting.of(
          "limits.max_rate",
          Kind.size("0B", "1TB"),
          "0B",
          "What is read of all sources in a second by loads; 0B: as much as they give.");
  static final Setting<Long> CONNECTIONS =
      Setting.of(
          "limits.connections",
          Kind.whole(0, 100_000),
          "0",
          "Connections all of them may need on one server; more is an error before anything"
              + " begins. 0: not looked at.");

  static final Setting<String> SOURCE =
      Setting.absent(
          "discover.source",
          URL,
          "nothing is discovered",
          "The server whose databases are migrated, each one by itself.");
  static final Setting<String> TARGET =
      Setting.absent(
          "discover.target", URL, "nothing is discovered", "The server they come to, by name.");
  static final Setting<String> DATABASE =
      Setting.of(
          "discover.database",
          Kind.text("a database's name", "(?s).+"),
          "postgres",
          "Where the list of databases is read, and from where missing ones are made.");
  static final Setting<String> INCLUDE =
      Setting.of("discover.include", NAMES, "[]", "Databases to migrate; without any, all.");
  static final Setting<String> EXCLUDE =
      Setting.of(
          "discover.exclude",
          NAMES,
          "[]",
          "Databases to leave out. Templates, discover.database and rdsadmin always are, unless"
              + " include names them.");
  static final Setting<Create> CREATE =
      Setting.of(
          "discover.create",
          Kind.word(Create.class),
          "none",
          "none: the target's databases are there; missing: those that are not are made, empty,"
              + " in the source's encoding. Takes CREATEDB on the target.");
  static final Setting<String> GROUP =
      Setting.absent(
          "discover.group",
          Kind.text("letters, digits, dashes and underscores, at most 40", "[A-Za-z0-9_-]{1,40}"),
          "no group",
          "The group discovered migrations belong to: what cutover --group names.");

  /** Whether databases are made on the target. */
  enum Create {
    /** They are there. */
    NONE,
    /** Those that are missing. */
    MISSING
  }

  static final SettingList LIST =
      new SettingList(
          List.of(
              RUNNING,
              WORKERS,
              MAX_RATE,
              CONNECTIONS,
              SOURCE,
              TARGET,
              DATABASE,
              INCLUDE,
              EXCLUDE,
              CREATE,
              GROUP),
          Map.of(
              "limits", "What all migrations together may take.",
              "discover", "Migrations for the databases a server has."),
          "docs/fleet.md");

  private FleetSettings() {}
}
