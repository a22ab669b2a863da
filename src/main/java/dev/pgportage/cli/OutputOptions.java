package dev.pgportage.cli;

import picocli.CommandLine.Option;

/** The options every command has. */
final class OutputOptions {
  /** Who reads the output. */
  enum Format {
    /** People. */
    text,
    /** Programs. */
    json
  }

  @Option(
      names = "--output",
      paramLabel = "FORMAT",
      description = "text for people (default), json for programs: one object on stdout.")
  private Format format = Format.text;

  @Option(
      names = "--log-format",
      paramLabel = "FORMAT",
      description =
          "What progress, events and warnings on stderr look like: text for people (default), json"
              + " for log collectors: one object a line.")
  void logFormat(Format wanted) {
    LogSetup.use(wanted);
  }

  @Option(names = "--debug", description = "With an error, print where in the program it arose.")
  private boolean debug;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help.")
  private boolean help;

  boolean json() {
    return format == Format.json;
  }

  boolean debug() {
    return debug && !help;
  }
}
