package dev.pgportage.architecture.violations.nocycles.load;

import dev.pgportage.architecture.violations.nocycles.state.Ledger;
import org.jspecify.annotations.Nullable;

/** Imports {@code state}, which imports it. */
public record Chunk(@Nullable Ledger ledger) {}
