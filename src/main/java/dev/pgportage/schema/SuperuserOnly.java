package dev.pgportage.schema;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which entries of an archive only a superuser can make, by their kinds and their SQL. Source:
 * PostgreSQL manual, the notes of CREATE TYPE, CREATE FUNCTION, CREATE CAST, CREATE AGGREGATE.
 */
final class SuperuserOnly {
  private static final Pattern UNSAFE_FUNCTION =
      Pattern.compile("\\n    LANGUAGE \"(c|internal)\"|\\n    LANGUAGE [^\\n]* SUPPORT ");
  private static final Pattern BASE_TYPE =
      Pattern.compile("CREATE TYPE [^;]*?( \\(\\s+INTERNALLENGTH |;\\s*$)", Pattern.DOTALL);
  private static final Pattern CAST = Pattern.compile("CREATE CAST \\((.*) AS (.*)\\) WITH");
  private static final Pattern INTERNAL_STATE =
      Pattern.compile("(?m)^    M?STYPE = \"?(\"?pg_catalog\"?[.])?\"?internal\"?,?$");

  private SuperuserOnly() {}

  static boolean is(TocEntry entry) {
    String sql = entry.definition();
    return Kinds.needsSuperuser(entry.kind())
        || switch (entry.kind()) {
          case "FUNCTION", "PROCEDURE" -> UNSAFE_FUNCTION.matcher(header(sql)).find();
          case "TYPE" -> !sql.contains(" AS ") && BASE_TYPE.matcher(sql).find();
          case "CAST" -> sql.contains(" WITHOUT FUNCTION") || castsBuiltInTypes(sql);
          case "AGGREGATE" -> INTERNAL_STATE.matcher(sql).find();
          default -> false;
        };
  }

  /** Whether a function promises what only a superuser may promise. */
  static boolean isLeakproof(TocEntry entry) {
    return entry.kind().equals("FUNCTION") && header(entry.definition()).contains(" LEAKPROOF");
  }

  /** The same function without that promise. */
  static String withoutPromise(TocEntry entry) {
    String header = header(entry.definition());
    return header.replace(" LEAKPROOF", "") + entry.definition().substring(header.length());
  }

  /** A function's text before its body. */
  private static String header(String sql) {
    int body = sql.indexOf("\n    AS ");
    return body < 0 ? sql : sql.substring(0, body);
  }

  /** One of both types must be one's own. */
  private static boolean castsBuiltInTypes(String sql) {
    Matcher types = CAST.matcher(sql);
    return types.find() && isBuiltIn(types.group(1)) && isBuiltIn(types.group(2));
  }

  private static boolean isBuiltIn(String type) {
    return !type.contains("\".\"") || type.startsWith("\"pg_catalog\".");
  }
}
