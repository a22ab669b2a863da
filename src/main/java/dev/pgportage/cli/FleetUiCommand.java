package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage fleet ui}. */
@Command(
    name = "ui",
    description = {
      "Serves one dashboard over all migrations of the fleet on this machine's loopback, whoever runs"
          + " them: phase, load, lag, WAL held back, proof. It asks again by itself, changes nothing,"
          + " and answers programs at /api/v1/fleet. Ctrl-C ends it.",
      "'fleet migrate' serves it, too."
    },
    footer = {"", "Example:", "  pgportage fleet ui --port 8080"})
final class FleetUiCommand extends FleetSubcommand {
  @Option(
      names = "--port",
      paramLabel = "PORT",
      description = "Which port; by default one that is free.")
  private int port;

  FleetUiCommand(Shell shell) {
    super(shell, "fleet ui");
  }

  @Override
  Answer answer(FleetFile settings, List<Member> members) {
    var stopped = new CountDownLatch(1);
    shell().stopBy(stopped::countDown);
    try (var board = new FleetBoard(members, port)) {
      shell().err().println("Dashboard: " + board.address());
      stopped.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "Serving was interrupted", e);
    }
    return new Answer(List.of(), "", false);
  }
}
