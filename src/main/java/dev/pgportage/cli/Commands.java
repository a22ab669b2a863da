package dev.pgportage.cli;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import picocli.CommandLine;

/** The program's commands, in the order of the journey. */
final class Commands {
  private static final Map<String, Function<Shell, Object>> BY_NAME = new LinkedHashMap<>();

  static {
    BY_NAME.put("init", InitCommand::new);
    BY_NAME.put("discover", DiscoverCommand::new);
    BY_NAME.put("assess", AssessCommand::new);
    BY_NAME.put("schema", SchemaCommand::new);
    BY_NAME.put("migrate", MigrateCommand::new);
    BY_NAME.put("status", StatusCommand::new);
    BY_NAME.put("ui", UiCommand::new);
    BY_NAME.put("watch", WatchCommand::new);
    BY_NAME.put("approve-ddl", ApproveDdlCommand::new);
    BY_NAME.put("notify", _ -> new NotifyCommand());
    BY_NAME.put("validate", ValidateCommand::new);
    BY_NAME.put("compare", CompareCommand::new);
    BY_NAME.put("cutover", CutoverCommand::new);
    BY_NAME.put("rollback", RollbackCommand::new);
    BY_NAME.put("abandon", AbandonCommand::new);
    BY_NAME.put("report", ReportCommand::new);
    BY_NAME.put("cleanup", CleanupCommand::new);
    BY_NAME.put("fleet", _ -> new FleetCommand());
    BY_NAME.put("aws", _ -> new AwsCommand());
    BY_NAME.put("doctor", DoctorCommand::new);
    BY_NAME.put("emergency-stop", EmergencyStopCommand::new);
    BY_NAME.put("demo", DemoCommand::new);
  }

  private Commands() {}

  /**
   * Those that arguments may be about: the one that is named first, for to describe them all takes
   * longer than many a command does; or all.
   */
  static List<CommandLine> wanted(Shell shell, String... arguments) {
    Collection<Function<Shell, Object>> commands =
        Arrays.stream(arguments)
            .findFirst()
            .map(BY_NAME::get)
            .<Collection<Function<Shell, Object>>>map(List::of)
            .orElse(BY_NAME.values());
    return commands.stream().map(command -> line(shell, command.apply(shell))).toList();
  }

  private static CommandLine line(Shell shell, Object command) {
    var line = new CommandLine(command);
    switch (command) {
      case SchemaCommand _ -> line.addSubcommand(new SchemaDiffCommand(shell));
      case FleetCommand _ -> FleetCommand.subcommands(shell).forEach(line::addSubcommand);
      case NotifyCommand _ -> line.addSubcommand(new NotifyTestCommand(shell));
      case AwsCommand _ -> AwsCommand.subcommands(shell).forEach(line::addSubcommand);
      default -> {}
    }
    return line;
  }
}
