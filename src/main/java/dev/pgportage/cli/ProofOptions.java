package dev.pgportage.cli;

import dev.pgportage.validation.Comparison;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How the commands that compare rows tell what they found. */
final class ProofOptions {
  /** What becomes of the keys of rows that differ. */
  enum Keys {
    /** The first of them are told. */
    show,
    /** None is told. */
    hide
  }

  @Option(
      names = "--keys",
      paramLabel = "KEYS",
      description =
          "show (default) names the first rows that differ by their keys; hide keeps keys out of"
              + " whatever is printed or written.")
  private Keys keys = Keys.show;

  @Option(
      names = "--html",
      paramLabel = "FILE",
      description =
          "Also write the result as one page for a browser, without scripts or anything from"
              + " elsewhere. A file of that name is overwritten.")
  private @Nullable Path html;

  /** Sees to it that the page can be written. */
  void check() {
    HtmlPage.requireWritable(html);
  }

  /** Comparisons with their keys, or without. */
  List<Comparison> told(List<Comparison> tables) {
    return keys == Keys.show ? tables : tables.stream().map(Comparison::withoutKeys).toList();
  }

  /** What is printed, once the page is written that was asked for. */
  String text(String text, ProofPage page) {
    return Optional.ofNullable(html)
        .map(file -> text + "\n" + HtmlPage.write(file, page.render()))
        .orElse(text);
  }
}
