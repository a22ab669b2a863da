package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.workflow.MigrationReport;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

/**
 * Where a migration's record is written: a page and the same as JSON beside it, by default beside
 * the settings' file, under a name that is the same for one migration and no other.
 *
 * @param page the page
 * @param json the same for programs
 */
record ReportFiles(Path page, Path json) {
  private static final DateTimeFormatter DAY =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss").withZone(ZoneOffset.UTC);

  /** The usual files of a migration in a directory. */
  static ReportFiles in(Path directory, MigrationReport report) {
    String name =
        "pgportage-%s-%s"
            .formatted(report.status().migration(), DAY.format(report.history().createdAt()));
    return new ReportFiles(directory.resolve(name + ".html"), directory.resolve(name + ".json"));
  }

  /** The files beside a page of a name that somebody chose. */
  static ReportFiles of(Path page) {
    String name = String.valueOf(page.getFileName()).replaceFirst("\\.html?$", "");
    return new ReportFiles(page, page.resolveSibling(name + ".json"));
  }

  /**
   * Writes both; a page or an object that is there is replaced as a whole or not at all.
   *
   * @throws MigrationException USAGE if they cannot be written
   */
  void write(MigrationReport report) {
    replace(json, JsonOutput.result("report", 0, report) + "\n");
    replace(page, new ReportPage(report).render());
  }

  private static void replace(Path file, String text) {
    Path beside = file.resolveSibling("." + file.getFileName() + ".part");
    try {
      Files.writeString(beside, text);
      Files.move(
          beside,
          file,
          java.nio.file.StandardCopyOption.REPLACE_EXISTING,
          java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "The report cannot be written to " + file,
          "Choose a file in a directory you may write to, with --report FILE.",
          e);
    }
  }
}
