package dev.pgportage.architecture.violations.nobodyimportsjob.job;

/** A job. */
public record Job(String name) {}
