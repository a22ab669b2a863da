package dev.pgportage.validation;

/**
 * What all chunks of a proof share, as it is told to whoever sums them up on another machine.
 *
 * @param source the source's exported snapshot
 * @param target the target's
 * @param hash how rows are hashed
 */
record SumTerms(String source, String target, HashFunction hash) {}
