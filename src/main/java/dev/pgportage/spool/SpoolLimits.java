package dev.pgportage.spool;

/**
 * How much a spool may take.
 *
 * @param mostBytes how large all its files together may become
 * @param keptFree how much of the disk it leaves free for others
 * @param beginsAt how many bytes of WAL the target must be behind before what is received goes to
 *     the spool while changes are applied
 */
public record SpoolLimits(long mostBytes, long keptFree, long beginsAt) {}
