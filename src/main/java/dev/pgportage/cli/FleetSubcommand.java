package dev.pgportage.cli;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.FleetFile;
import dev.pgportage.config.FleetFile.Member;
import dev.pgportage.fleet.Fleet;
import dev.pgportage.fleet.MemberResult;
import dev.pgportage.fleet.ServerDatabases;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** A command on the migrations of a fleet, all or those that were named. */
abstract class FleetSubcommand implements Callable<Integer> {
  private final Shell shell;
  private final String name;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "The fleet's file; by default ./fleet.yaml.")
  private Path file = Path.of("fleet.yaml");

  @Parameters(
      paramLabel = "NAME",
      arity = "0..*",
      description = "Only the migrations of these names.")
  private List<String> names = new ArrayList<>();

  @Option(
      names = "--group",
      paramLabel = "GROUP",
      description = "Only the migrations of this group. May be repeated.")
  private List<String> groups = new ArrayList<>();

  @Mixin private final OutputOptions output = new OutputOptions();

  FleetSubcommand(Shell shell, String name) {
    this.shell = shell;
    this.name = name;
  }

  /**
   * One migration's part of an answer, for programs.
   *
   * @param name the migration's name
   * @param group its group; empty for none
   * @param result what came of it
   * @param error why it failed
   */
  record Part(
      String name, String group, Optional<Object> result, Optional<JsonOutput.Fault> error) {
    static Part of(MemberResult<?> result) {
      return new Part(
          result.name(),
          result.group(),
          result.result().map(value -> (Object) value),
          result.failure().map(JsonOutput::fault));
    }
  }

  /**
   * What a command has to say.
   *
   * @param parts for programs
   * @param text for people, without a last line break
   * @param findings whether something was found that is no failure
   */
  record Answer(List<? extends MemberResult<?>> parts, String text, boolean findings) {}

  /** Whether monitoring systems can watch the command's work. */
  boolean isServed() {
    return false;
  }

  /** Does the command's work. */
  abstract Answer answer(FleetFile settings, List<Member> members);

  @Override
  public final Integer call() {
    FleetFile settings = FleetFile.read(file, shell.environment());
    List<Member> members = selected(settings);
    Answer answer = answer(settings, members);
    int status = exitStatus(answer);
    shell
        .out()
        .println(
            output.json()
                ? JsonOutput.result(name, status, answer.parts().stream().map(Part::of).toList())
                : answer.text());
    return status;
  }

  private static int exitStatus(Answer answer) {
    List<ErrorCode> codes =
        answer.parts().stream()
            .flatMap(part -> part.failure().stream())
            .map(MigrationException::code)
            .toList();
    if (codes.isEmpty()) {
      return answer.findings() ? MigrationCommand.FINDINGS : MigrationCommand.DONE;
    }
    boolean stoppedOnly = codes.stream().allMatch(code -> code == ErrorCode.INTERRUPTED);
    return stoppedOnly ? ErrorCode.INTERRUPTED.exitStatus() : ErrorCode.FLEET_FAILED.exitStatus();
  }

  private List<Member> selected(FleetFile settings) {
    List<String> databases =
        settings.discovery().map(d -> new ServerDatabases(d).list()).orElse(List.of());
    List<Member> all = settings.members(databases);
    var unknown = new TreeSet<>(names);
    all.forEach(member -> unknown.remove(member.config().name()));
    var unknownGroups = new TreeSet<>(groups);
    all.forEach(member -> unknownGroups.remove(member.group()));
    if (!unknown.isEmpty() || !unknownGroups.isEmpty()) {
      unknown.addAll(unknownGroups);
      throw new MigrationException(
          ErrorCode.USAGE,
          "Not in the fleet: " + String.join(", ", unknown),
          "'pgportage fleet plan' lists its migrations and groups.",
          null);
    }
    return all.stream()
        .filter(member -> names.isEmpty() || names.contains(member.config().name()))
        .filter(member -> groups.isEmpty() || groups.contains(member.group()))
        .toList();
  }

  /** Whether migrations were chosen, rather than all of them by saying nothing. */
  final boolean chosen() {
    return !names.isEmpty() || !groups.isEmpty();
  }

  /** Does something with the fleet while it is shown. */
  final <T> List<MemberResult<T>> watched(
      List<Member> members, Function<Fleet, List<MemberResult<T>>> deed) {
    try (var view = new FleetView(shell, members, shell.interactive() && !output.json());
        var metrics = new FleetMetrics(isServed() ? members : List.of(), view)) {
      var fleet = new Fleet(members, metrics);
      shell.stopBy(fleet::stop);
      return deed.apply(fleet);
    }
  }

  final Style style() {
    return shell.style();
  }

  final Shell shell() {
    return shell;
  }

  /** Asks, unless the answer was given. */
  final void ask(String deed, boolean yes) {
    MigrationCommand.ask(shell, output.json(), deed, yes);
  }

  /** Failures, each with its remedy. */
  final String failures(List<? extends MemberResult<?>> results) {
    return results.stream()
        .filter(MemberResult::failed)
        .map(
            result -> {
              MigrationException failure = result.failure().orElseThrow();
              return "\n"
                  + style().red(result.name() + ": " + failure.code() + ":")
                  + " "
                  + failure.what()
                  + "\n"
                  + failure.remedy().indent(2).stripTrailing()
                  + "\n";
            })
        .collect(Collectors.joining());
  }

  /** {@code 17 done, 3 failed}. */
  final String counted(List<? extends MemberResult<?>> results, String done) {
    long failed = results.stream().filter(MemberResult::failed).count();
    String good = Figures.count(results.size() - failed) + " " + done;
    return failed == 0
        ? style().green(good)
        : good + ", " + style().red(Figures.count(failed) + " failed");
  }
}
