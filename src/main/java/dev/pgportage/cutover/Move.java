package dev.pgportage.cutover;

import dev.pgportage.pg.Endpoint;

/**
 * Writes that move from one database to another, as hooks are told of it.
 *
 * @param migration the migration's name
 * @param direction which way
 * @param from where the writes were
 * @param to where they go
 */
public record Move(String migration, Direction direction, Endpoint from, Endpoint to) {
  /** Which way writes move. */
  public enum Direction {
    /** From source to target. */
    CUTOVER,
    /** From target to source. */
    ROLLBACK
  }

  /** When a hook is called. */
  public enum Moment {
    /** Before the fence: clients may be kept waiting from now on. */
    PAUSE,
    /** The other database is open: clients are to go there. */
    SWITCH,
    /** It failed, and nothing has moved: all is to be as before. */
    UNDO
  }
}
