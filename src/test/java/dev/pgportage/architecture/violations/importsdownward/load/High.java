package dev.pgportage.architecture.violations.importsdownward.load;

/** Lies above {@code pg}. */
public record High(int value) {}
