package dev.pgportage.architecture.violations.nocycles.state;

import dev.pgportage.architecture.violations.nocycles.load.Chunk;
import java.util.List;

/** Imports {@code load}, which imports it. */
public record Ledger(List<Chunk> chunks) {}
