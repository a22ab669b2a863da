package dev.pgportage.workflow;

import dev.pgportage.state.StepAttempts;
import dev.pgportage.state.StepLog;
import dev.pgportage.telemetry.Event;
import java.time.Instant;
import java.util.List;

/**
 * A migration's audit trail: every step and every attempt at it, and everything that was told.
 *
 * @param migration its name
 * @param createdAt when it was first run
 * @param phase where it stands
 * @param phaseSince since when
 * @param steps all steps of its type in their order
 * @param attempts every time a step was begun, the oldest first
 * @param events all events, the oldest first
 */
public record HistoryReport(
    String migration,
    Instant createdAt,
    String phase,
    Instant phaseSince,
    List<StepLog.Step> steps,
    List<StepAttempts.Attempt> attempts,
    List<Event> events) {}
