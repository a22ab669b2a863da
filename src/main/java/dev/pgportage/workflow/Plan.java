package dev.pgportage.workflow;

import dev.pgportage.schema.ObjectSet;

/**
 * What a migration is about, resolved once when it begins and kept in its state.
 *
 * @param objects the tables, sequences and large objects
 * @param sourceVersion the source's {@code server_version_num}
 * @param targetVersion the target's
 */
record Plan(ObjectSet objects, int sourceVersion, int targetVersion) {}
