package dev.pgportage.validation;

import dev.pgportage.pg.QualifiedName;

/**
 * One repaired table.
 *
 * @param table its name
 * @param removed how many rows of the target went: those the source lacks, and those that differed
 * @param added how many rows came from the source: those the target lacked, and those that differed
 */
public record Repaired(QualifiedName table, long removed, long added) {}
