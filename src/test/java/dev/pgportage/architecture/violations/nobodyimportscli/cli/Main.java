package dev.pgportage.architecture.violations.nobodyimportscli.cli;

/** Lies above everything. */
public record Main(int value) {}
