package dev.pgportage.notify;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.NoticeKind;
import dev.pgportage.telemetry.Event;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What of a migration's events is worth a message, and in which words; and what ends with them. Not
 * thread-safe.
 */
final class Wording {
  /** What follows of an event. */
  sealed interface Told {}

  /** Something to be said, unless it was. */
  record Say(Notice notice) implements Told {}

  /**
   * A topic has ended.
   *
   * @param over what is said of it where the topic was told
   */
  record End(String topic, Optional<Notice> over) implements Told {}

  private static final String STEP = "step.";
  private static final Set<String> NO_STEPS = Set.of("step.failed", "step.retry");
  private static final Pattern MILLIS = Pattern.compile("\\b([0-9]{1,12}) ms\\b");
  private static final String ASSESSMENT = "assessment-failed";
  private static final String FAILURE = "failed";
  private static final String FAILURE_AT_READY = "failed-when-ready";
  private static final Duration SETTLED = Duration.ofMinutes(2);
  private static final Set<ErrorCode> OF_ASSESSMENT =
      EnumSet.of(
          ErrorCode.ASSESSMENT_BLOCKED,
          ErrorCode.NOTHING_SELECTED,
          ErrorCode.PG_DUMP_FAILED,
          ErrorCode.PG_DUMP_MISSING,
          ErrorCode.PG_DUMP_TOO_OLD,
          ErrorCode.PRIVILEGE_MISSING,
          ErrorCode.SCHEMA_DIFFERS,
          ErrorCode.SCHEMA_OBJECT_BLOCKED,
          ErrorCode.SOURCE_NOT_LOGICAL,
          ErrorCode.TABLE_HIDDEN_BY_RLS,
          ErrorCode.TARGET_NOT_EMPTY);
  private static final String READY = "ready";
  private static final String CUT_OVER = "cut-over";
  private static final String ROLLED_BACK = "rolled-back";
  private static final Notice.Step STATUS =
      new Notice.Step("To see where it stands:", "pgportage status");

  private final Troubles troubles = new Troubles();
  private boolean begun;
  private @Nullable String step;
  private @Nullable Instant readySince;

  /** What follows of an event; usually nothing. */
  List<Told> of(Event event) {
    if (event.kind().startsWith(STEP) && !NO_STEPS.contains(event.kind())) {
      return step(event);
    }
    return switch (event.kind()) {
      case "migration.begun" -> {
        begun = true;
        yield List.of(silent(ASSESSMENT), new Say(started(event)));
      }
      case "migration.resumed" -> {
        begun = true;
        yield List.of();
      }
      case "replication.begun" -> {
        var told = new ArrayList<>(troubles.of(event));
        told.add(new Say(loaded(event)));
        yield told;
      }
      case "ready" -> ready(event);
      case "loaded" -> List.of(silent(FAILURE), new Say(copied(event)));
      case "cutover.done" ->
          List.of(
              silent(FAILURE),
              silent(FAILURE_AT_READY),
              silent(ROLLED_BACK),
              new Say(cutOver(event)));
      case "rollback.done" ->
          List.of(silent(FAILURE), silent(CUT_OVER), silent(READY), new Say(rolledBack(event)));
      case "cutover.failed", "rollback.failed" ->
          List.of(silent(FAILURE), new Say(notMoved(event)), silent(FAILURE));
      default -> troubles.of(event);
    };
  }

  private List<Told> step(Event event) {
    String name = event.kind().substring(STEP.length());
    readySince = null;
    boolean further = step != null && !step.equals(name);
    step = name;
    if (!further) {
      return List.of();
    }
    var told = new ArrayList<>(troubles.progress(event));
    told.add(new End(FAILURE, Optional.of(goesOn(event.at(), event.message()))));
    return told;
  }

  /** It replicates still: one that had failed when it was ready counts as healed after a while. */
  List<Told> alive(Instant now) {
    if (readySince == null || Duration.between(readySince, now).compareTo(SETTLED) < 0) {
      return List.of();
    }
    readySince = null;
    return List.of(
        new End(FAILURE_AT_READY, Optional.of(goesOn(now, "it replicates again, and is ready"))));
  }

  private static Notice goesOn(Instant at, String message) {
    return new Notice(
        NoticeKind.FAILED,
        FAILURE,
        true,
        at,
        "goes on again",
        "The migration was started again and has passed what it had failed at: " + message + ".",
        "Nothing was lost: it continued where it had stopped.",
        List.of(STATUS));
  }

  /** What follows of the migration's end. */
  List<Told> of(MigrationException failure) {
    Instant now = Instant.now();
    return switch (failure.code()) {
      // Somebody stopped it, or another process has it: nobody need be told.
      case INTERRUPTED, LEASE_HELD, LEASE_LOST, USAGE -> List.of();
      default ->
          !begun && OF_ASSESSMENT.contains(failure.code())
              ? List.of(new Say(blocked(now, failure)))
              : stopped(now, failure);
    };
  }

  /** What was ready and starts again is not told to be ready again, or a loop of both would be. */
  private List<Told> stopped(Instant at, MigrationException failure) {
    boolean ready = READY.equals(step);
    Notice notice = failed(at, ready ? FAILURE_AT_READY : FAILURE + ":" + step, failure);
    return ready ? List.of(new Say(notice)) : List.of(silent(READY), new Say(notice));
  }

  private static Told silent(String topic) {
    return new End(topic, Optional.empty());
  }

  private Notice started(Event event) {
    return milestone(
        event,
        NoticeKind.STARTED,
        "started",
        "started",
        event.message() + ".",
        "Schema, rows and then changes are carried over while the application goes on. Nothing is"
            + " switched before somebody asks for it.",
        List.of(new Notice.Step("To watch it:", "pgportage watch")));
  }

  private Notice loaded(Event event) {
    return milestone(
        event,
        NoticeKind.LOADED,
        "loaded",
        "full load complete, changes replicate",
        event.message() + ".",
        "The target now follows the source. It still catches up, gets its constraints, and is"
            + " compared row by row before it counts as ready; a message follows then.",
        List.of(STATUS));
  }

  private List<Told> ready(Event event) {
    step = READY;
    readySince = event.at();
    return List.of(
        silent(FAILURE),
        silent(Trouble.DIFFERENCE.topic()),
        silent(Trouble.STALL.topic()),
        silent(Trouble.SPOOL_LOST.topic()),
        new Say(
            milestone(
                event,
                NoticeKind.READY,
                READY,
                "READY for cutover",
                "Every table is loaded, caught up, and proven equal row by row.",
                "It replicates on for as long as you like, and keeps WAL on the source meanwhile."
                    + " The cutover stops writes for a moment, proves once more what changed, and"
                    + " opens the target; if anything fails before that, the source is writable"
                    + " again.",
                List.of(
                    new Notice.Step(
                        "When it suits you, in the directory of its migration.yaml:",
                        "pgportage cutover")))));
  }

  private Notice copied(Event event) {
    return milestone(
        event,
        NoticeKind.LOADED,
        "copied",
        "loaded and proven",
        "Every row of one state of the source is on the target, and proven equal.",
        "This migration replicates nothing: what the source got since is not on the target.",
        List.of(new Notice.Step("When you need its state no more:", "pgportage cleanup")));
  }

  private Notice cutOver(Event event) {
    String freeze = duration(event.message());
    return milestone(
        event,
        NoticeKind.CUT_OVER,
        CUT_OVER,
        "CUT OVER" + (freeze.isEmpty() ? "" : ", writes stopped " + freeze),
        event.message() + ".",
        "The target is the database now; the source takes no writes. Everything that was committed"
            + " on the source is on the target, and was proven to be.",
        List.of(
            new Notice.Step("Point every application at the target that still is not.", ""),
            new Notice.Step("To see it and its proof:", "pgportage status"),
            new Notice.Step("Later, when you are sure:", "pgportage cleanup")));
  }

  private Notice rolledBack(Event event) {
    return milestone(
        event,
        NoticeKind.ROLLED_BACK,
        ROLLED_BACK,
        "ROLLED BACK to the source",
        event.message() + ".",
        "The source is the database again and has everything that was committed on the target.",
        List.of(
            new Notice.Step("Point every application at the source that still is not.", ""),
            STATUS));
  }

  private Notice notMoved(Event event) {
    String what = event.kind().startsWith("cutover") ? "cutover" : "rollback";
    return new Notice(
        NoticeKind.FAILED,
        FAILURE,
        false,
        event.at(),
        what + " FAILED: " + firstWord(event.message()),
        "The " + what + " was given up: " + event.message() + ".",
        "Nothing was switched. Applications go on where they were, and replication goes on.",
        List.of(
            new Notice.Step("See what it says, and to what:", "pgportage status"),
            new Notice.Step("Then again:", "pgportage " + what)));
  }

  private Notice blocked(Instant at, MigrationException failure) {
    return new Notice(
        NoticeKind.ASSESSMENT_FAILED,
        ASSESSMENT,
        false,
        at,
        "assessment FAILED, not started",
        failure.what(),
        "Nothing was changed on either side. The migration cannot begin before the findings that"
            + " block it are fixed.",
        List.of(new Notice.Step("All findings with reason and fix:", "pgportage assess")));
  }

  private Notice failed(Instant at, String topic, MigrationException failure) {
    String in = step == null ? "" : READY.equals(step) ? " when ready" : " in " + step;
    boolean finds = failure.code() == ErrorCode.DATA_DIFFERS;
    return new Notice(
        NoticeKind.FAILED,
        topic + ":" + failure.code(),
        false,
        at,
        "FAILED" + in + ": " + failure.code(),
        failure.code() + ": " + failure.what(),
        finds
            ? "Nothing was switched: the source is the database, and is not harmed. While the"
                + " migration stands still, its slot keeps WAL on the source."
            : "The migration has stopped. Nothing that was committed is lost, and applications are"
                + " not affected. While it stands still, its slot keeps WAL on the source.",
        List.of(
            new Notice.Step(failure.remedy(), ""),
            new Notice.Step("Then, in the directory of its migration.yaml:", "pgportage migrate"),
            new Notice.Step(
                "To give it up and free what the source keeps for it:", "pgportage cleanup")));
  }

  /** The code an error begins with, or all of a short one. */
  private static String firstWord(String message) {
    int colon = message.indexOf(':');
    return colon > 0 && colon < 40 ? message.substring(0, colon) : message;
  }

  private static Notice milestone(
      Event event,
      NoticeKind kind,
      String topic,
      String headline,
      String happened,
      String means,
      List<Notice.Step> next) {
    return new Notice(kind, topic, false, event.at(), headline, happened, means, next);
  }

  /** The first length of time in a sentence, as a person says it. */
  private static String duration(String sentence) {
    Matcher matcher = MILLIS.matcher(sentence);
    if (!matcher.find()) {
      return "";
    }
    long millis = Long.parseLong(matcher.group(1));
    return millis < 1000 ? millis + " ms" : String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
  }
}
