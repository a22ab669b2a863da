package dev.pgportage.workflow;

import java.time.Instant;

/**
 * How a cutover went where others carried the rows.
 *
 * @param migration its name
 * @param frozenAt when writes were stopped
 * @param openAt when the target was opened
 * @param freezeMillis how long the application could not write
 * @param tablesProven how many tables were compared behind the fence
 * @param rowsProven how many rows
 * @param sequences how many sequences were set
 */
public record AccompaniedCutover(
    String migration,
    Instant frozenAt,
    Instant openAt,
    long freezeMillis,
    int tablesProven,
    long rowsProven,
    int sequences) {}
