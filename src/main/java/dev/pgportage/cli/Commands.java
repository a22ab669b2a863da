package dev.pgportage.cli;

import java.util.List;

/** The program's commands, in the order of the journey. */
final class Commands {
  private Commands() {}

  static List<Object> all(Shell shell) {
    return List.of(
        new InitCommand(shell),
        new DiscoverCommand(shell),
        new AssessCommand(shell),
        new SchemaCommand(shell),
        new MigrateCommand(shell),
        new StatusCommand(shell),
        new UiCommand(shell),
        new WatchCommand(shell),
        new ApproveDdlCommand(shell),
        new NotifyCommand(),
        new ValidateCommand(shell),
        new CompareCommand(shell),
        new CutoverCommand(shell),
        new RollbackCommand(shell),
        new AbandonCommand(shell),
        new ReportCommand(shell),
        new CleanupCommand(shell),
        new FleetCommand(),
        new AwsCommand(),
        new DoctorCommand(shell),
        new EmergencyStopCommand(shell),
        new DemoCommand(shell));
  }
}
