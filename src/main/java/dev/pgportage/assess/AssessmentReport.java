package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What an assessment found, and what it looked at.
 *
 * @param findings the worst first, otherwise in the order of the checks
 * @param outcomes one per check and database, in the order of the checks
 * @param inventory what would be migrated
 */
public record AssessmentReport(
    List<Finding> findings, List<Outcome> outcomes, Inventory inventory) {

  /** Copies the lists. */
  public AssessmentReport {
    findings = List.copyOf(findings);
    outcomes = List.copyOf(outcomes);
  }

  /**
   * How one check ended on one database.
   *
   * @param check the check's id
   * @param title the check's name
   * @param side where it looked
   * @param status how it ended
   * @param note for a check left out, when it applies; otherwise empty
   */
  public record Outcome(String check, String title, Side side, Status status, String note) {}

  /** How a check ended. */
  public enum Status {
    /** It looked and found nothing. */
    PASSED,
    /** It has findings. */
    FOUND,
    /** It could not look; a finding says why. Never a pass. */
    UNKNOWN,
    /** It does not apply to this migration. */
    SKIPPED
  }

  /** Whether the migration may not start. */
  public boolean blocks() {
    return !blocking().isEmpty();
  }

  /** The findings that block. */
  public List<Finding> blocking() {
    return findings.stream().filter(f -> f.severity() == Severity.BLOCKS).toList();
  }

  /** The statements that mend the findings, in the order of a script; none twice. */
  public List<Remedy> remedies() {
    return findings.stream()
        .flatMap(finding -> finding.remedies().stream())
        .sorted(Comparator.comparing(Remedy::side).thenComparing(Remedy::order))
        .distinct()
        .toList();
  }

  /**
   * The failure a migration ends with: the blocking findings' own code when they agree on one,
   * ASSESSMENT_BLOCKED otherwise; empty if nothing blocks.
   */
  public Optional<MigrationException> failure() {
    List<Finding> blocking = blocking();
    if (blocking.isEmpty()) {
      return Optional.empty();
    }
    List<ErrorCode> codes = blocking.stream().map(Finding::code).distinct().toList();
    ErrorCode code = codes.size() == 1 ? codes.getFirst() : ErrorCode.ASSESSMENT_BLOCKED;
    String what =
        blocking.stream()
            .map(finding -> finding.what() + " (" + finding.check() + ")")
            .collect(Collectors.joining("\n  "));
    String fixes =
        blocking.stream().map(Finding::fix).distinct().collect(Collectors.joining("\n  "));
    return Optional.of(new MigrationException(code, what, fixes, null));
  }
}
