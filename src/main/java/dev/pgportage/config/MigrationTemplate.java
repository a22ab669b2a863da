package dev.pgportage.config;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.ConnectionText.Malformed;
import dev.pgportage.config.Problem.Place;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Side;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A new {@code migration.yaml}: every key with its meaning, and every default as a comment.
 *
 * @param text the file's content; it never holds a password
 * @param passwordLeftOut whether a URL held a password, which has to be given in another way now
 */
public record MigrationTemplate(String text, boolean passwordLeftOut) {
  private static final int WIDTH = 96;

  /**
   * The file for two databases.
   *
   * @param sourceUrl the source's URL; a password in it is left out of the file
   * @param targetUrl the target's URL; the same
   * @param name the migration's name; by default the source database's, made to fit
   * @throws MigrationException CONFIG_INVALID with all problems of the URLs and the name
   */
  public static MigrationTemplate of(
      String sourceUrl, String targetUrl, Optional<String> name, Environment environment) {
    var problems = new Problems();
    Optional<Endpoint> source = check(sourceUrl, Side.SOURCE, environment, problems);
    check(targetUrl, Side.TARGET, environment, problems);
    name.filter(given -> Settings.NAME.kind().parser().apply(given).isEmpty())
        .ifPresent(
            given ->
                problems.error(
                    Place.named("--name"),
                    "name",
                    "is not allowed",
                    Settings.NAME.kind().allowed()));
    if (!problems.isEmpty()) {
      throw problems.failure();
    }
    String database = source.map(Endpoint::database).orElse("migration");
    try {
      String sourceOnly = ConnectionUrl.withoutPassword(sourceUrl.strip());
      String targetOnly = ConnectionUrl.withoutPassword(targetUrl.strip());
      var chosen = new HashMap<String, String>();
      chosen.put(Settings.NAME.key(), quoted(name.orElse(MigrationFile.nameFor(database))));
      chosen.put(Settings.SOURCE.key(), quoted(sourceOnly));
      chosen.put(Settings.TARGET.key(), quoted(targetOnly));
      chosen.put(Settings.TYPE.key(), Settings.TYPE.whenAbsent());
      return new MigrationTemplate(
          render(chosen),
          !sourceOnly.equals(sourceUrl.strip()) || !targetOnly.equals(targetUrl.strip()));
    } catch (Malformed e) {
      // The texts were parsed before with the same rules.
      throw new IllegalStateException(e);
    }
  }

  private static Optional<Endpoint> check(
      String url, Side side, Environment environment, Problems problems) {
    var found = new Problems();
    var place = Place.named("--" + side);
    Optional<Endpoint> endpoint =
        new ConnectionUrl(side, place, environment, found).read(url.strip());
    // An unset variable is no problem yet: the file is read later, perhaps elsewhere.
    found.errors().stream()
        .filter(problem -> problem.code() != ErrorCode.SECRET_UNAVAILABLE)
        .forEach(problems::add);
    return endpoint;
  }

  private static String render(Map<String, String> chosen) {
    var text = new StringBuilder();
    text.append("# A migration for pgportage. Every key but source and target has a default.\n")
        .append("# Sizes: 64MB, 1GB. Times: 500ms, 5s, 10min. ${NAME} takes a variable of the")
        .append(" environment.\n")
        .append("# Check it with: pgportage assess\n");
    String section = "";
    for (Setting<?> setting : Settings.ALL) {
      if (!setting.section().equals(section)) {
        section = setting.section();
        text.append("\n# ").append(Settings.SECTIONS.get(section)).append('\n');
        text.append(section).append(":\n");
      } else {
        text.append(section.isEmpty() ? "\n" : "");
      }
      String indent = section.isEmpty() ? "" : "  ";
      comment(text, indent, setting);
      text.append(indent).append(line(setting, chosen)).append('\n');
    }
    return text.toString();
  }

  private static void comment(StringBuilder text, String indent, Setting<?> setting) {
    wrap(text, indent, setting.meaning());
    for (Side side : Side.values()) {
      if (setting.key().equals(side.toString())) {
        String variable = ConnectionUrl.passwordVariable(side);
        wrap(
            text,
            indent,
            "Its password: in the environment's "
                + variable
                + ", in a pass file (PGPASSFILE, ~/.pgpass), or as ${NAME} in the URL.");
        return;
      }
    }
    wrap(text, indent, "Allowed: " + setting.kind().allowed() + ".");
  }

  private static void wrap(StringBuilder text, String indent, String sentence) {
    var line = new StringBuilder(indent).append('#');
    for (String word : sentence.split(" ", -1)) {
      if (line.length() + 1 + word.length() > WIDTH) {
        text.append(line).append('\n');
        line = new StringBuilder(indent).append('#');
      }
      line.append(' ').append(word);
    }
    text.append(line).append('\n');
  }

  private static String line(Setting<?> setting, Map<String, String> chosen) {
    String value = chosen.get(setting.key());
    return value != null
        ? setting.name() + ": " + value
        : "# " + setting.name() + ": " + setting.whenAbsent();
  }

  private static String quoted(String text) {
    return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"") + '"';
  }
}
