package dev.pgportage.notify;

import static java.util.stream.Collectors.joining;

import java.util.List;
import java.util.Optional;

/**
 * A notice in the words and forms channels need. Its texts hold no control characters but line
 * breaks, its subject none at all.
 *
 * @param migration the migration's name
 * @param notice what is told
 * @param from which host tells it, and of which databases
 * @param heldBack how many messages of trouble were not sent since the last one
 */
public record Message(String migration, Notice notice, Origin from, int heldBack) {
  private static final int LONGEST_SUBJECT = 120;

  /**
   * Where a message comes from.
   *
   * @param host this machine
   * @param source the source, without a user
   * @param target the target, without a user
   * @param version this program's
   */
  public record Origin(String host, String source, String target, String version) {}

  /** The line a phone shows: the migration, then what matters. */
  public String subject() {
    String line = flat(migration + ": " + notice.headline());
    return line.length() <= LONGEST_SUBJECT ? line : line.substring(0, LONGEST_SUBJECT - 1) + "…";
  }

  /** The message as plain text. */
  public String text() {
    String next =
        notice.next().isEmpty()
            ? ""
            : "\nWhat to do\n"
                + notice.next().stream()
                    .map(
                        step ->
                            clean(step.text())
                                + (step.command().isEmpty()
                                    ? ""
                                    : "\n\n    " + step.command() + "\n"))
                    .collect(joining("\n"))
                + "\n";
    return clean(notice.happened())
        + "\n\nWhat it means\n"
        + clean(notice.means())
        + "\n"
        + next
        + "\n-- \n"
        + String.join("\n", foot())
        + "\n";
  }

  /** The message as a small page that mail programs show: no picture, no link, no script. */
  public String html() {
    String next =
        notice.next().stream()
            .map(
                step ->
                    "<p>%s</p>%s"
                        .formatted(
                            escaped(step.text()),
                            step.command().isEmpty()
                                ? ""
                                : "<pre style=\"background:#f2f4f7;color:#101828;padding:10px;"
                                    + "border-radius:6px;white-space:pre-wrap\">"
                                    + escaped(step.command())
                                    + "</pre>"))
            .collect(joining("\n"));
    return """
        <!DOCTYPE html>
        <html lang="en"><head><meta charset="utf-8"><title>%s</title></head>
        <body style="font:16px/1.45 system-ui,sans-serif;max-width:40em;margin:0;padding:16px">
        <h1 style="font-size:20px;margin:0 0 12px;border-left:6px solid %s;padding-left:10px">%s</h1>
        <p>%s</p>
        <h2 style="font-size:16px">What it means</h2>
        <p>%s</p>
        %s
        <p style="color:#667085;font-size:13px">%s</p>
        </body></html>
        """
        .formatted(
            escaped(subject()),
            color(),
            escaped(subject()),
            escaped(notice.happened()),
            escaped(notice.means()),
            next.isEmpty() ? "" : "<h2 style=\"font-size:16px\">What to do</h2>\n" + next,
            foot().stream().map(Message::escaped).collect(joining("<br>\n")));
  }

  /** What stands at the end: when, where, and what is missing. */
  List<String> foot() {
    Optional<String> missing =
        heldBack == 0
            ? Optional.empty()
            : Optional.of(
                heldBack
                    + (heldBack == 1 ? " message" : " messages")
                    + " of trouble before this one held back (alerts.per_hour);"
                    + " 'pgportage status' tells all.");
    String when = notice.at().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
    return java.util.stream.Stream.of(
            missing,
            Optional.of(migration + ": " + from.source() + " to " + from.target()),
            Optional.of(when.replace('T', ' ').replace("Z", " UTC") + ", from " + from.host()),
            Optional.of("pgportage " + from.version()))
        .flatMap(Optional::stream)
        .map(Message::flat)
        .toList();
  }

  private String color() {
    return switch (notice.kind()) {
      case FAILED, ASSESSMENT_FAILED -> "#d92d20";
      case LAG, STALL, WAL, DIFFERENCE, DDL -> notice.over() ? "#067647" : "#dc6803";
      case STARTED, LOADED, READY, CUT_OVER, ROLLED_BACK -> "#067647";
    };
  }

  /** One line without control characters: a header's value cannot begin another header. */
  static String flat(String text) {
    return text.replaceAll("[\\p{Cntrl}\\u2028\\u2029]+", " ").strip();
  }

  private static String clean(String text) {
    return text.replaceAll("[\\p{Cntrl}&&[^\\n]]+", " ").strip();
  }

  private static String escaped(String text) {
    return clean(text)
        .replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;")
        .replace("\n", "<br>\n");
  }
}
