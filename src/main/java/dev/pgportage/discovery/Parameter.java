package dev.pgportage.discovery;

import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlStates;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * A setting on both sides, as a new session of the migration's role gets it.
 *
 * @param name the setting's name
 * @param group what it is about: meaning, sessions, replication, durability, speed, maintenance
 * @param why what a difference means
 * @param source its value on the source, with its unit
 * @param target its value on the target
 * @param outcome what the comparison gave
 */
public record Parameter(
    String name,
    String group,
    String why,
    Reading<String> source,
    Reading<String> target,
    Outcome outcome) {

  /** What comparing a setting gave. */
  public enum Outcome {
    /** Both sides have the same value, or neither knows the setting. */
    EQUAL,
    /** The values differ, or one side does not know the setting. */
    DIFFERS,
    /** One side's value could not be read. */
    UNREAD
  }

  /**
   * A setting to be compared, as the list holds it.
   *
   * @param name the setting's name
   * @param group what it is about
   * @param why what a difference means
   */
  record Listed(String name, String group, String why) {}

  static final List<Listed> LIST = DataFile.read("parameters.yaml", Listed.class);

  /** What is said of a setting that a server does not know. */
  static final String NOT_THERE = "not in this version";

  /** The driver sends these as it connects, so that no session shows what others get. */
  private static final Set<String> SENT_BY_DRIVER =
      Set.of("client_encoding", "datestyle", "timezone");

  private static final String ALL =
      "SELECT lower(name), reset_val, coalesce(unit, '') FROM pg_settings";

  static List<Parameter> compare(Site source, Site target) throws SQLException {
    Map<String, Reading<String>> there = values(source);
    Map<String, Reading<String>> here = values(target);
    var compared = new ArrayList<Parameter>();
    for (Listed listed : LIST) {
      Reading<String> left = of(source, there, listed.name());
      Reading<String> right = of(target, here, listed.name());
      compared.add(
          new Parameter(
              listed.name(), listed.group(), listed.why(), left, right, outcome(left, right)));
    }
    return compared;
  }

  private static Outcome outcome(Reading<String> source, Reading<String> target) {
    if (source.known().isEmpty() || target.known().isEmpty()) {
      return Outcome.UNREAD;
    }
    return source.equals(target) ? Outcome.EQUAL : Outcome.DIFFERS;
  }

  private static Map<String, Reading<String>> values(Site site) throws SQLException {
    var values = new HashMap<String, Reading<String>>();
    Sql.query(
        site.connection(),
        ALL,
        row ->
            values.put(
                row.getString(1),
                SENT_BY_DRIVER.contains(row.getString(1))
                    ? new Reading.Unread<>(
                        "pgportage's own connection sets it",
                        "SHOW " + row.getString(1) + "; in a session of the application")
                    : new Reading.Known<>(shown(row.getString(2), row.getString(3)))));
    return values;
  }

  /** A server hides the settings that are not for everybody as if they were not there. */
  private static Reading<String> of(Site site, Map<String, Reading<String>> values, String name)
      throws SQLException {
    Reading<String> listed = values.get(name.toLowerCase(Locale.ROOT));
    if (listed != null) {
      return listed;
    }
    try {
      return new Reading.Known<>(
          Sql.queryText(site.connection(), "SELECT current_setting(?, true)", name)
              .orElse(NOT_THERE));
    } catch (SQLException e) {
      if (SqlStates.is(e, SqlStates.INSUFFICIENT_PRIVILEGE)) {
        return new Reading.Unread<>("the role may not see it", site.grant("pg_read_all_settings"));
      }
      throw e;
    }
  }

  /** A value with its unit as people read it: {@code 16384} of {@code 8kB} is {@code 128MB}. */
  static String shown(String value, String unit) {
    if (unit.isEmpty() || !value.matches("\\d{1,18}") || value.equals("0")) {
      return value;
    }
    String number = unit.replaceAll("\\D", "");
    long amount = Long.parseLong(value) * (number.isEmpty() ? 1 : Long.parseLong(number));
    List<String> names = List.of("B", "kB", "MB", "GB", "TB");
    List<Integer> steps = List.of(1024, 1024, 1024, 1024);
    String plain = unit.replaceAll("\\d", "");
    if (!names.contains(plain)) {
      names = List.of("ms", "s", "min", "h", "d");
      steps = List.of(1000, 60, 60, 24);
    }
    int at = names.indexOf(plain);
    while (at >= 0 && at < steps.size() && amount % steps.get(at) == 0) {
      amount /= steps.get(at);
      at++;
    }
    return amount + (at < 0 ? plain : names.get(at));
  }
}
