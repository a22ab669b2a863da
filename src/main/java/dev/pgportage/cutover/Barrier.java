package dev.pgportage.cutover;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/** What a fence changes so that writers are kept out, seen and changed through one session. */
sealed interface Barrier permits ReadOnlySetting, LockedRoles {
  /**
   * One thing to be changed, as the resource ledger has it.
   *
   * @param kind the ledger's word
   * @param name what is changed
   * @param undoSql puts its present state back; safe to run at any time
   */
  record Part(String kind, String name, String undoSql) {}

  /** Makes a statement that can also be run by hand in a session that is itself read-only. */
  static String writing(String statement) {
    return "BEGIN; SET TRANSACTION READ WRITE; " + statement + "; COMMIT";
  }

  /** What would keep it from being put up, as sentences. */
  List<String> obstacles() throws SQLException;

  /** What putting it up changes, in its present state. */
  List<Part> parts() throws SQLException;

  /** Puts it up. */
  void put() throws SQLException;

  /**
   * How somebody else has let writers in again; empty while it stands.
   *
   * @param fresh a session of its own: the one that put it up may be lost
   */
  Optional<String> gap(Connection fresh) throws SQLException;

  /** The sessions that have to end once it is put up. */
  SourceSessions sessions();
}
