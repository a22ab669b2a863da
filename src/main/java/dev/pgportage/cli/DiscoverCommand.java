package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.workflow.Migration;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage discover}. */
@Command(
    name = "discover",
    description = {
      "Finds out what both databases are, how much there is, how fast it changes, and how long a"
          + " migration would take and what room it needs, each with how it was estimated.",
      "Reads a few megabytes, sends a few to the target, and changes nothing on either side."
    },
    footer = {"", "Example:", "  pgportage discover --sample 60s --html discovery.html"})
final class DiscoverCommand extends MigrationCommand {
  private static final Pattern LENGTH = Pattern.compile("(\\d{1,5})(ms|s|min|m)");

  @Option(
      names = "--sample",
      paramLabel = "TIME",
      description =
          "How long the source's counters of writes and WAL are watched, such as 60s or 5min; by"
              + " default 10s. Longer, at a busy hour, is truer.")
  private String sample = "10s";

  @Option(
      names = "--plan",
      description =
          "Also list every table and sequence of the migration, and every entry of the schema's dump"
              + " with what is done with it, when and why.")
  private boolean plan;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write the report as one page for a browser, without scripts or anything from"
              + " elsewhere. A file of that name is overwritten.")
  private @Nullable Path html;

  DiscoverCommand(Shell shell) {
    super(shell, "discover");
  }

  @Override
  void confirm(MigrationConfig config) {
    length(sample);
    HtmlPage.requireWritable(html);
  }

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    DiscoveryReport report = migration.discover(length(sample), plan);
    String text = new DiscoveryText(report, style()).render();
    return new Answer(
        DONE,
        report,
        html == null
            ? text
            : text + "\n" + HtmlPage.write(html, new DiscoveryPage(report).render()));
  }

  private static Duration length(String text) {
    Matcher parts = LENGTH.matcher(text);
    if (!parts.matches()) {
      throw new MigrationException(
          ErrorCode.USAGE, "--sample takes a time, such as 500ms, 10s or 5min");
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMinutes(number);
    };
  }
}
