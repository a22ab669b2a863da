package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.aws.template.AwsTemplate;
import dev.pgportage.aws.template.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.TypeConversionException;

/** {@code pgportage aws template}. */
@Command(
    name = "template",
    description = {
      "Writes the CloudFormation template of an engine. It asks AWS nothing.",
      "The YAML is for people and for the console's upload; the JSON is the same as short as it can"
          + " be, for the API."
    },
    footer = {"", "Example:", "  pgportage aws template --engine dms --output pgportage-dms.yaml"})
final class AwsTemplateCommand implements Callable<Integer> {
  /** How the template is written. */
  enum Format {
    /** For people. */
    yaml,
    /** For the API. */
    json
  }

  private final Shell shell;

  @Option(
      names = "--engine",
      required = true,
      paramLabel = "ENGINE",
      converter = EngineName.class,
      description = "Who moves the rows: " + EngineName.ALL + ".")
  private Engine engine = Engine.DMS;

  @Option(names = "--format", paramLabel = "FORMAT", description = "yaml (default) or json.")
  private Format format = Format.yaml;

  @Option(
      names = "--output",
      paramLabel = "FILE",
      description = "Write it there instead of printing it. A file of that name is overwritten.")
  private @Nullable Path file;

  @SuppressWarnings("UnusedVariable") // Main reads it off the command line.
  @Option(names = "--debug", description = "With an error, print where in the program it arose.")
  private boolean debug;

  @SuppressWarnings("UnusedVariable") // picocli acts on it.
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Print this help.")
  private boolean help;

  AwsTemplateCommand(Shell shell) {
    this.shell = shell;
  }

  @Override
  public Integer call() {
    AwsTemplate template = AwsTemplate.of(engine);
    String text = format == Format.json ? template.json() + "\n" : template.yaml();
    if (file == null) {
      shell.out().print(text);
      shell.out().flush();
      return 0;
    }
    try {
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new MigrationException(
          ErrorCode.USAGE,
          "Cannot write the template to " + file,
          "Name a file in a directory you may write to.",
          e);
    }
    return 0;
  }

  /** An engine as it is given on the command line, in small letters. */
  static final class EngineName implements ITypeConverter<Engine> {
    static final String ALL = "dms, native";

    @Override
    public Engine convert(String value) {
      return Arrays.stream(Engine.values())
          .filter(engine -> engine.name().toLowerCase(Locale.ROOT).equals(value))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("expected one of: " + ALL));
    }
  }
}
