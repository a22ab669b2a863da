package dev.pgportage.job;

import org.apache.flink.api.connector.source.SourceEvent;

/**
 * What the workers have to know of the rounds.
 *
 * @param round the open round; negative for none: whatever is done for another one is to end
 * @param held whether nothing is to be read at the moment
 */
record RoundEvent(long round, boolean held) implements SourceEvent {
  static final RoundEvent NONE = new RoundEvent(-1, false);
}
