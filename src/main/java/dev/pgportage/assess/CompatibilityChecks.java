package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether the target's database means the same by the same bytes. */
final class CompatibilityChecks {
  private static final String UNCHECKED = "SQL_ASCII";

  private CompatibilityChecks() {}

  static final Check ENCODING =
      Check.named("encoding", "Encoding", Side.TARGET)
          .passes("Both databases have the same encoding, and it is not SQL_ASCII.")
          .why(
              "A text the target's encoding lacks cannot be stored; SQL_ASCII says nothing of what"
                  + " its bytes mean.")
          .fix("`CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0` for the target.")
          .by(CompatibilityChecks::encoding);

  static final Check COLLATION =
      Check.named("collation", "Collation", Side.TARGET)
          .worst(Severity.WARNS)
          .passes(
              "Both databases have the same collation provider, locale, LC_CTYPE and version of the"
                  + " collation library.")
          .why(
              "Text sorts, and upper and lower case differ, as the locale says: results, unique"
                  + " indexes over expressions, and range partitions by text can come out"
                  + " differently.")
          .fix("Create the target's database with the source's locale and provider.")
          .by(CompatibilityChecks::collation);

  static final Check DATABASE_SETTINGS =
      Check.named("database-settings", "Settings of the Source's Database", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("Every `ALTER DATABASE … SET` of the source is set on the target too.")
          .why(
              "Such settings (search_path, timeouts, planner settings) are no part of the schema"
                  + " and are not carried; the application would find other ones.")
          .fix("`ALTER DATABASE … SET …` on the target.")
          .by(CompatibilityChecks::databaseSettings);

  private static void encoding(Examination e) throws SQLException {
    String sql =
        "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()";
    String source = Sql.queryText(e.source().connection(), sql).orElse("");
    String target = Sql.queryText(e.connection(), sql).orElse("");
    List<String> both = List.of(source, target);
    String remedy =
        "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0; -- and name it as the target";
    if (source.equals(UNCHECKED)) {
      e.found(
          Severity.BLOCKS,
          both,
          "The source's encoding is SQL_ASCII: what its bytes mean is not known",
          "Dump the source, find out its real encoding, and load it into a database of that"
              + " encoding first.");
    } else if (!source.equals(target)) {
      boolean holdsAll = target.equals("UTF8");
      e.found(
          holdsAll ? Severity.WARNS : Severity.BLOCKS,
          both,
          "The source's encoding is %s, the target's %s%s"
              .formatted(
                  source,
                  target,
                  holdsAll ? "; texts are converted" : ", which lacks characters of it"),
          holdsAll ? "Nothing to do if the application reads either." : remedy);
    }
  }

  private static void collation(Examination e) throws SQLException {
    Map<String, String> source = locale(e.source());
    Map<String, String> target = locale(e.target());
    var names = new TreeMap<>(source);
    names.putAll(target);
    var differences = new ArrayList<String>();
    for (String name : names.keySet()) {
      String here = source.getOrDefault(name, "none");
      String there = target.getOrDefault(name, "none");
      if (!here.equals(there)) {
        differences.add("%s is %s on the source and %s on the target".formatted(name, here, there));
      }
    }
    if (!differences.isEmpty()) {
      e.found(
          Severity.WARNS,
          differences,
          String.join("; ", differences),
          "Create the target's database with the source's locale and provider, or have the"
              + " application's ordering tested.");
    }
  }

  /** What decides about order and case, under the names people know. */
  private static Map<String, String> locale(Session session) throws SQLException {
    ServerVersion version = session.version();
    String provider = version.isAtLeast(15) ? "datlocprovider::text" : "'c'";
    String locale =
        version.isAtLeast(17) ? "datlocale" : version.isAtLeast(15) ? "daticulocale" : "NULL";
    String rules = version.isAtLeast(16) ? "daticurules" : "NULL";
    String actual = version.isAtLeast(15) ? "pg_database_collation_actual_version(oid)" : "NULL";
    var result = new TreeMap<String, String>();
    Sql.query(
        session.connection(),
        """
        SELECT CASE %1$s WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
               CASE WHEN %1$s = 'c' THEN datcollate ELSE %2$s END, datctype, %3$s, %4$s
        FROM pg_database WHERE datname = current_database()
        """
            .formatted(provider, locale, rules, actual),
        row -> {
          String[] keys = {"provider", "locale", "LC_CTYPE", "ICU rules", "library version"};
          for (int i = 0; i < keys.length; i++) {
            @Nullable String value = row.getString(i + 1);
            if (value != null) {
              result.put(keys[i], sameName(value));
            }
          }
          return true;
        });
    return result;
  }

  /** glibc knows one locale under several spellings: {@code en_US.utf8} is {@code en_US.UTF-8}. */
  private static String sameName(String locale) {
    return locale.replaceFirst("(?i)\\.utf-?8$", ".UTF-8");
  }

  private static void databaseSettings(Examination e) throws SQLException {
    String sql =
        """
        SELECT unnest(setconfig) FROM pg_db_role_setting
        WHERE setrole = 0 AND setdatabase = (SELECT oid FROM pg_database
                                             WHERE datname = current_database())
        ORDER BY 1
        """;
    List<String> here = Sql.query(e.source().connection(), sql, row -> row.getString(1));
    List<String> there = e.texts(sql);
    List<String> missing = here.stream().filter(setting -> !there.contains(setting)).toList();
    if (!missing.isEmpty()) {
      List<String> names = missing.stream().map(CompatibilityChecks::nameOf).toList();
      e.found(
          Severity.WARNS,
          names,
          "Set for the source's database, not for the target's: " + Names.some(names),
          missing.stream().map(setting -> alter(e, setting)).toList());
    }
  }

  private static Remedy alter(Examination e, String setting) {
    return e.remedy(
        Order.SETTINGS,
        "ALTER DATABASE %s SET %s;".formatted(e.databaseSql(), assignment(setting)));
  }

  /** The name in a setting as the catalog stores it, {@code name=value}. */
  static String nameOf(String setting) {
    return setting.substring(0, setting.indexOf('='));
  }

  /** What stands after SET for a setting as the catalog stores it. */
  static String assignment(String setting) {
    String name = nameOf(setting);
    String value = setting.substring(name.length() + 1);
    // The values of list settings are stored as the list's source text.
    boolean list =
        List.of("search_path", "temp_tablespaces", "datestyle")
            .contains(name.toLowerCase(java.util.Locale.ROOT));
    return name + " = " + (list && !value.isEmpty() ? value : Quoting.literal(value));
  }
}
