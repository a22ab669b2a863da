package dev.pgportage.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The frame of a page that needs nothing else: no script, no font, no network. It forbids them to
 * itself, too.
 *
 * @param title its title and heading
 * @param summary a sentence or two beneath the heading
 * @param holds what the page holds of the user's, a sentence for its foot
 */
record HtmlPage(String title, String summary, String holds) {

  /** The page as a document. */
  String render(Html header, Html content) {
    return """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <title>%1$s</title>
        <style>
        %2$s</style>
        </head>
        <body>
        <header>
        <h1>%1$s</h1>
        <p class="soft">%3$s</p>
        %4$s</header>
        <main>
        %5$s</main>
        <footer>Made by pgportage %6$s. %7$s</footer>
        </body>
        </html>
        """
        .formatted(
            Html.text(title).markup(),
            style(),
            Html.text(summary).markup(),
            header.markup(),
            content.markup(),
            Html.text(Version.text().replaceFirst("^pgportage ", "")).markup(),
            Html.text(holds).markup());
  }

  private static String style() {
    try (var file = HtmlPage.class.getResourceAsStream("discovery.css")) {
      return new String(Objects.requireNonNull(file, "discovery.css").readAllBytes(), UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("The page's style cannot be read", e);
    }
  }

  /**
   * Sees to it, before long work begins, that its page can be written.
   *
   * @throws MigrationException USAGE if it cannot
   */
  static void requireWritable(@Nullable Path file) {
    if (file == null) {
      return;
    }
    Path directory = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file)
        || directory == null
        || !Files.isDirectory(directory)
        || !Files.isWritable(directory)) {
      throw unwritable(file);
    }
  }

  /** Writes a document, and says so. */
  static String write(Path file, String document) {
    try {
      Files.writeString(file, document);
    } catch (IOException e) {
      throw unwritable(file);
    }
    return "Wrote " + file + ".";
  }

  private static MigrationException unwritable(Path file) {
    return new MigrationException(
        ErrorCode.USAGE, "Cannot write " + file, "Choose a directory you may write to.", null);
  }
}
