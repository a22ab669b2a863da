package dev.pgportage.load;

/**
 * Says that a table's rows as of the snapshot are no more: TRUNCATE or a rewriting ALTER TABLE ends
 * them for every snapshot, and after VACUUM FULL and CLUSTER they lie on other pages. Source:
 * PostgreSQL manual, "Caveats" of "Concurrency Control".
 */
final class TableRewritten extends Exception {
  TableRewritten() {
    super(null, null, false, false);
  }
}
