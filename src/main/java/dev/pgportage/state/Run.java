package dev.pgportage.state;

/**
 * One process's turn at a migration. Every commit that matters checks the epoch, so that a process
 * that lost its turn without noticing cannot write any more.
 *
 * @param migration the migration's name
 * @param epoch grows by one with every turn
 */
public record Run(String migration, long epoch) {}
