package dev.pgportage.architecture.violations.nosiblings.cdc;

/** Lies beside {@code load}. */
public record Applier(int value) {}
