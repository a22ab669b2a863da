package dev.pgportage.load;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.state.LoadLedger;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * The large objects of both sides, made equal under their own OIDs. Their changes are in no
 * replication stream, so the same is done when loading and once more during the cutover's freeze.
 *
 * <p>Before its first write it notes in the ledger that the target had none: from then on all large
 * objects of the target are this migration's. It commits object by object, so it continues where it
 * was stopped. They belong to the migration's role there. Not thread-safe. Source: PostgreSQL
 * manual, "Large Objects".
 */
public final class LargeObjects {
  private static final QualifiedName CATALOG = new QualifiedName("pg_catalog", "pg_largeobject");
  // Each object dropped or compared costs a lock or a read; a batch stays far below the limits.
  private static final int BATCH = 500;
  private static final int MOST_NAMED = 10;

  private final CopyRoute route;
  private final LoadLedger ledger;

  /** Large objects along a route; the ledger says whose the target's are. */
  public LargeObjects(CopyRoute route, LoadLedger ledger) {
    this.route = route;
    this.ledger = ledger;
  }

  /** Notes that those on the side they are carried to are the migration's: it copied them there. */
  public void adopt() {
    try (Connection target = route.openTarget("objects")) {
      ledger.saveChunk(target, CATALOG, 0, 0, 0);
      target.commit();
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.LOAD_FAILED, "Noting whose large objects are");
    }
  }

  /**
   * Makes the target's large objects equal to those the source has now: creates what is missing,
   * replaces what differs, unlinks what is gone, and carries their comments. Contents are compared
   * by hashes made in the servers.
   *
   * @return how many had to be touched
   * @throws MigrationException PRIVILEGE_MISSING if the role may not read some, TARGET_NOT_EMPTY if
   *     the target has some that no migration put there
   */
  public long copyDifferent() {
    try (Connection source = route.source().open("objects");
        Connection target = route.openTarget("objects")) {
      source.setAutoCommit(false);
      Sql.execute(source, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
      Set<Long> wanted = readable(source);
      Set<Long> there = oids(target);
      if (!takeOver(target, wanted, there)) {
        return 0;
      }
      boolean back = route.target().side() == Side.SOURCE;
      if (back) {
        LargeObjectOwners.remember(target);
      }
      var gone = new TreeSet<>(there);
      gone.removeAll(wanted);
      for (List<Long> batch : batches(gone)) {
        LargeObjectPieces.unlink(target, batch);
        target.commit();
      }
      var missing = new TreeSet<>(wanted);
      missing.removeAll(there);
      for (List<Long> batch : batches(missing)) {
        LargeObjectPieces.create(source, target, batch, false);
      }
      there.retainAll(wanted);
      long touched = gone.size() + missing.size() + replaceDifferent(source, target, there);
      LargeObjectComments.carry(source, target);
      if (back) {
        LargeObjectOwners.restore(target);
      }
      target.commit();
      return touched;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.LOAD_FAILED, "Copying large objects");
    }
  }

  private static long replaceDifferent(Connection source, Connection target, Set<Long> both)
      throws SQLException {
    long replaced = 0;
    for (List<Long> batch : batches(both)) {
      List<Long> different = LargeObjectPieces.different(source, target, batch);
      LargeObjectPieces.create(source, target, different, true);
      replaced += different.size();
    }
    return replaced;
  }

  /**
   * Notes that the target's large objects are this migration's; false if there is nothing to do.
   */
  private boolean takeOver(Connection target, Set<Long> wanted, Set<Long> there)
      throws SQLException {
    if (!ledger.chunks(target, CATALOG).isEmpty()) {
      return true;
    }
    if (wanted.isEmpty()) {
      return false;
    }
    if (!there.isEmpty()) {
      throw new MigrationException(
          ErrorCode.TARGET_NOT_EMPTY,
          "The target has " + there.size() + " large objects already: " + some(List.copyOf(there)));
    }
    ledger.saveChunk(target, CATALOG, 0, 0, 0);
    target.commit();
    return true;
  }

  private static Set<Long> oids(Connection connection) throws SQLException {
    return new TreeSet<>(
        Sql.query(
            connection, "SELECT oid::bigint FROM pg_largeobject_metadata", row -> row.getLong(1)));
  }

  private static Set<Long> readable(Connection source) throws SQLException {
    List<Long> hidden =
        Sql.query(
            source,
            """
            SELECT m.oid::bigint FROM pg_largeobject_metadata m
            WHERE NOT pg_has_role(m.lomowner, 'USAGE')
              AND NOT current_setting('lo_compat_privileges')::boolean
              AND NOT EXISTS (
                SELECT FROM aclexplode(m.lomacl) a WHERE a.privilege_type = 'SELECT'
                  AND (a.grantee = 0 OR pg_has_role(a.grantee, 'USAGE')))
            ORDER BY 1
            """,
            row -> row.getLong(1));
    if (hidden.isEmpty()) {
      return oids(source);
    }
    throw new MigrationException(
        ErrorCode.PRIVILEGE_MISSING,
        hidden.size() + " large objects of the source may not be read: " + some(hidden),
        "Make the migration role a member of their owners, or GRANT SELECT ON LARGE OBJECT … to it.",
        null);
  }

  private static String some(List<Long> oids) {
    String named =
        oids.stream().limit(MOST_NAMED).map(String::valueOf).collect(Collectors.joining(", "));
    return oids.size() > MOST_NAMED ? named + ", …" : named;
  }

  private static List<List<Long>> batches(Set<Long> oids) {
    var batches = new ArrayList<List<Long>>();
    var all = List.copyOf(oids);
    for (int from = 0; from < all.size(); from += BATCH) {
      batches.add(all.subList(from, Math.min(all.size(), from + BATCH)));
    }
    return batches;
  }
}
