package dev.pgportage.cli;

import static java.util.stream.Collectors.joining;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.ChannelSettings;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.notify.TestMessages;
import dev.pgportage.workflow.Migration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code pgportage notify test}. */
@Command(
    name = "test",
    description = {
      "Sends a test message to every channel of 'notifications', or to one. Looks at no database.",
      "Exit status 1 if a channel does not take it; the reason is printed."
    },
    footer = {"", "Example:", "  pgportage notify test --channel mail"})
final class NotifyTestCommand extends MigrationCommand {
  private static final int FAILED = 1;

  @Option(names = "--channel", paramLabel = "NAME", description = "Only the channel of that name.")
  private @Nullable String channel;

  NotifyTestCommand(Shell shell) {
    super(shell, "notify test");
  }

  /**
   * What came of it.
   *
   * @param channels one per channel
   */
  record Result(List<TestMessages.Result> channels) {}

  @Override
  Answer answer(MigrationConfig config, Migration migration) {
    List<TestMessages.Result> results = TestMessages.send(config, Optional.ofNullable(channel));
    if (results.isEmpty()) {
      throw nobody(config);
    }
    boolean failed = results.stream().anyMatch(result -> result.failure().isPresent());
    return new Answer(failed ? FAILED : DONE, new Result(results), text(results));
  }

  private static MigrationException nobody(MigrationConfig config) {
    List<ChannelSettings> channels = config.notifications().channels();
    return channels.isEmpty()
        ? new MigrationException(
            ErrorCode.USAGE,
            "'notifications' names no channel",
            "See docs/notifications.md for an example.",
            null)
        : new MigrationException(
            ErrorCode.USAGE,
            "There is no channel of that name",
            "There are: "
                + channels.stream().map(ChannelSettings::name).collect(joining(", "))
                + ".",
            null);
  }

  private String text(List<TestMessages.Result> results) {
    return results.stream()
        .map(
            result ->
                result
                    .failure()
                    .map(why -> style().red("failed") + "  " + result.channel() + ": " + why)
                    .orElseGet(() -> style().green("sent") + "    " + result.channel()))
        .collect(joining("\n"));
  }
}
