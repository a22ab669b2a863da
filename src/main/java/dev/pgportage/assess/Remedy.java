package dev.pgportage.assess;

import dev.pgportage.pg.Side;
import java.util.Optional;

/**
 * A statement that mends what a check found.
 *
 * @param side the database it is for
 * @param order where it stands in a script
 * @param sql one statement or a few that belong together, each ending with a semicolon
 * @param reverse what undoes it once the migration is over; empty if it is meant to stay
 * @param safe whether pgportage may run it itself: it loses nothing, locks only for a moment, and
 *     has a reverse
 * @param note what whoever runs it should know, without a full stop; may be empty
 */
public record Remedy(
    Side side, Order order, String sql, Optional<String> reverse, boolean safe, String note) {

  /** Refuses a safe one that cannot be undone. */
  public Remedy {
    if (safe && reverse.isEmpty()) {
      throw new IllegalArgumentException("A safe remedy has a reverse: " + sql);
    }
  }

  /** The places in a script: what comes later may need what comes before. */
  public enum Order {
    /** Roles. */
    ROLES,
    /** Privileges and memberships. */
    PRIVILEGES,
    /** Settings that hold at once or for new sessions. */
    SETTINGS,
    /** Extensions. */
    EXTENSIONS,
    /** Tables, indexes, constraints, sequences. */
    OBJECTS,
    /** Replica identities. */
    IDENTITY,
    /** Publications, subscriptions, slots. */
    REPLICATION,
    /** Sessions and transactions. */
    SESSIONS,
    /** Settings that need the server's restart. */
    RESTART
  }

  static Remedy of(Side side, Order order, String sql) {
    return new Remedy(side, order, sql, Optional.empty(), false, "");
  }

  /** The same, with what to know about it. */
  Remedy noting(String other) {
    return new Remedy(side, order, sql, reverse, safe, other);
  }

  /** The same, which pgportage may run itself, and undo. */
  Remedy safelyUndoneBy(String undoing) {
    return new Remedy(side, order, sql, Optional.of(undoing), true, note);
  }

  /** The statement and its note as a comment. */
  String text() {
    return note.isEmpty() ? sql : sql + " -- " + note;
  }
}
