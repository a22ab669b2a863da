package dev.pgportage.schema;

import dev.pgportage.schema.SchemaItem.Stage;
import dev.pgportage.schema.SourceFacts.FiringMode;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The kinds of entries pg_dump of PostgreSQL 12 to 18 writes, and when each is made. */
final class Kinds {
  /** The OID of the catalog pg_constraint. */
  static final long CONSTRAINT_CLASS = 2606;

  /** Kinds of entries that grant or revoke. */
  static final Set<String> PRIVILEGES = Set.of("ACL", "ACL LANGUAGE", "DEFAULT ACL");

  private static final long TRIGGER_CLASS = 2620;
  private static final long REWRITE_CLASS = 2618;

  private static final Set<String> SESSION_SETTINGS =
      Set.of("ENCODING", "STDSTRINGS", "SEARCHPATH", "DATABASE");

  private static final Set<String> SUPERUSER_ONLY =
      Set.of(
          "ACCESS METHOD",
          "OPERATOR CLASS",
          "OPERATOR FAMILY",
          "PROCEDURAL LANGUAGE",
          "SHELL TYPE",
          "TEXT SEARCH PARSER",
          "TEXT SEARCH TEMPLATE",
          "TRANSFORM");

  private static final Map<String, String> NEVER_CARRIED = neverCarried();

  private static final Map<String, Stage> STAGES = stages();

  private Kinds() {}

  private static Map<String, String> neverCarried() {
    String privileges = "is not carried (schema.privileges): grant on the target what is needed";
    String publication = "the target is not a publisher: publish there anew if it is needed";
    String foreign = "leads to another server with credentials of its own: make it on the target";
    String rows = "rows travel by themselves";
    var kinds = new HashMap<String, String>();
    PRIVILEGES.forEach(kind -> kinds.put(kind, privileges));
    kinds.put("SECURITY LABEL", "needs a security provider on the target");
    kinds.put("DATABASE PROPERTIES", "are settings of the source database: set them if wanted");
    kinds.put("PUBLICATION", publication);
    kinds.put("PUBLICATION TABLE", publication);
    kinds.put("PUBLICATION TABLES IN SCHEMA", publication);
    kinds.put("SUBSCRIPTION", "feeds the source, not the target");
    kinds.put("SUBSCRIPTION TABLE", "feeds the source, not the target");
    kinds.put("EVENT TRIGGER", "only a superuser can make it, and it would fire on the migration");
    kinds.put("FOREIGN DATA WRAPPER", foreign);
    kinds.put("SERVER", foreign);
    kinds.put("FOREIGN SERVER", foreign);
    kinds.put("USER MAPPING", foreign);
    kinds.put("FOREIGN TABLE", foreign);
    kinds.put("TABLE DATA", rows);
    kinds.put("SEQUENCE SET", rows);
    kinds.put("MATERIALIZED VIEW DATA", rows);
    kinds.put("STATISTICS DATA", "is gathered on the target");
    kinds.put("BLOB", rows);
    kinds.put("BLOBS", rows);
    kinds.put("BLOB METADATA", rows);
    kinds.put("BLOB COMMENTS", rows);
    return Map.copyOf(kinds);
  }

  private static Map<String, Stage> stages() {
    var stages = new HashMap<String, Stage>();
    Set.of(
            "SCHEMA",
            "EXTENSION",
            "TYPE",
            "DOMAIN",
            "FUNCTION",
            "PROCEDURE",
            "AGGREGATE",
            "OPERATOR",
            "CAST",
            "COLLATION",
            "CONVERSION",
            "TEXT SEARCH DICTIONARY",
            "TEXT SEARCH CONFIGURATION",
            "TABLE",
            "TABLE ATTACH",
            "SEQUENCE",
            "SEQUENCE OWNED BY",
            "VIEW",
            "MATERIALIZED VIEW",
            "DEFAULT",
            "COMMENT")
        .forEach(kind -> stages.put(kind, Stage.PRE_DATA));
    SUPERUSER_ONLY.forEach(kind -> stages.put(kind, Stage.PRE_DATA));
    stages.put("CONSTRAINT", Stage.KEYS);
    stages.put("INDEX", Stage.INDEXES);
    stages.put("INDEX ATTACH", Stage.INDEXES);
    stages.put("STATISTICS", Stage.INDEXES);
    stages.put("CHECK CONSTRAINT", Stage.NEEDS_KEYS);
    stages.put("FK CONSTRAINT", Stage.FOREIGN_KEYS);
    stages.put("TRIGGER", Stage.TRIGGERS);
    stages.put("RULE", Stage.TRIGGERS);
    PRIVILEGES.forEach(kind -> stages.put(kind, Stage.TRIGGERS));
    stages.put("ROW SECURITY", Stage.OPENING);
    stages.put("POLICY", Stage.OPENING);
    return Map.copyOf(stages);
  }

  /** Whether it is no object, but what pg_restore begins its session with. */
  static boolean isSessionSetting(String kind) {
    return SESSION_SETTINGS.contains(kind);
  }

  /** Why objects of the kind are never made, if they are not. */
  static Optional<String> neverCarried(String kind) {
    return Optional.ofNullable(NEVER_CARRIED.get(kind));
  }

  /** When objects of the kind are made; empty for a kind nobody knows. */
  static Optional<Stage> stage(String kind) {
    return Optional.ofNullable(STAGES.get(kind));
  }

  /** Whether only a superuser can make objects of the kind. */
  static boolean needsSuperuser(String kind) {
    return SUPERUSER_ONLY.contains(kind);
  }

  /** The catalog a trigger or rule is in. */
  static long classOf(FiringMode mode) {
    return mode.rule() ? REWRITE_CLASS : TRIGGER_CLASS;
  }
}
