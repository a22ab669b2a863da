package dev.pgportage.spool;

import dev.pgportage.pg.Lsn;

/**
 * How full a spool is, at one moment.
 *
 * @param bytes what its files take
 * @param mostBytes what they may take
 * @param from where the changes in it begin
 * @param to everything committed before it is in the spool, or on the target
 * @param full whether the source has to keep its WAL, because there is no room for more
 */
public record SpoolGauge(long bytes, long mostBytes, Lsn from, Lsn to, boolean full) {}
