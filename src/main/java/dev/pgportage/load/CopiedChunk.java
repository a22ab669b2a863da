package dev.pgportage.load;

/**
 * What came of a chunk that was copied on another machine.
 *
 * @param rows how many it has; 0 if it was there before
 * @param rewritten whether its table was truncated or rewritten, so that it was not copied
 */
record CopiedChunk(long rows, boolean rewritten) {}
