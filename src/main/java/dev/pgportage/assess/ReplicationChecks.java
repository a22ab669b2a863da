package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Table;
import java.sql.SQLException;
import java.util.List;

/** Whether the role may make a slot and a publication on the source, and their names are free. */
final class ReplicationChecks {
  private static final String OTHER_NAME = "or choose another 'name' for the migration";

  private ReplicationChecks() {}

  static final Check PRIVILEGE =
      Check.named("replication-privilege", "Replication Privilege", Side.SOURCE)
          .when(Scope.REPLICATES)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes(
              "A replication session opens, and the role may execute `pg_logical_emit_message`.")
          .why("Slots are made and read by replication sessions; the message measures the lag.")
          .fix(
              "`ALTER ROLE <migration role> REPLICATION`; RDS and Aurora: `GRANT rds_replication TO"
                  + " <migration role>`.")
          .by(ReplicationChecks::privilege);

  static final Check OWNERSHIP =
      Check.named("table-ownership", "Ownership of Published Tables", Side.SOURCE)
          .when(Scope.REPLICATES)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes("The role has the privileges of the owner of every table to publish.")
          .why("Only a table's owner may put it into a publication.")
          .fix("`GRANT <owner> TO <migration role>`")
          .by(ReplicationChecks::ownership);

  static final Check PUBLICATION_PRIVILEGE =
      Check.named("publication-privilege", "Privilege to Create a Publication", Side.SOURCE)
          .when(Scope.REPLICATES)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes("The role has CREATE on the source's database.")
          .why("CREATE PUBLICATION needs it.")
          .fix("`GRANT CREATE ON DATABASE <database> TO <migration role>`")
          .by(ReplicationChecks::publicationPrivilege);

  static final Check SLOT_NAME =
      Check.named("slot-name", "Replication Slot's Name", Side.SOURCE)
          .when(Scope.OWN_SLOT)
          .code(ErrorCode.SLOT_TAKEN)
          .passes(
              "No slot has the migration's name (with apply.streams, that of one of its streams), unless"
                  + " its ledger says it made it.")
          .why("Another program's slot must be neither read nor dropped.")
          .fix("Choose another `name`, or drop the slot: `SELECT pg_drop_replication_slot('…')`.")
          .by(ReplicationChecks::slotName);

  static final Check GIVEN_SLOT =
      Check.named("given-slot", "Given Replication Slot", Side.SOURCE)
          .when(Scope.GIVEN_SLOT)
          .code(ErrorCode.SLOT_MISSING)
          .passes(
              "The slot in `apply.slot` exists in the source's database, with plugin pgoutput, has"
                  + " lost no WAL, and nobody reads it.")
          .why("Changes are read from where this slot stands; without it some would be missing.")
          .fix("Name the slot that was made before the rows were copied.")
          .by(ReplicationChecks::givenSlot);

  static final Check PUBLICATION_NAME =
      Check.named("publication-name", "Publication's Name", Side.SOURCE)
          .when(Scope.OWN_SLOT)
          .code(ErrorCode.PUBLICATION_TAKEN)
          .passes(
              "No publication has the migration's name (with apply.streams, that of one of its streams),"
                  + " unless its ledger says it made it.")
          .why("Another publication may hold other tables, and is not the migration's to drop.")
          .fix("Choose another `name`, or drop the publication: `DROP PUBLICATION …`.")
          .by(ReplicationChecks::publicationName);

  static final Check ALL_TABLES =
      Check.named("all-tables-publications", "Publications of All Tables", Side.SOURCE, Side.TARGET)
          .worst(Severity.INFORMS)
          .passes("No publication is FOR ALL TABLES.")
          .why(
              "With such a publication, UPDATE and DELETE fail on every table without a replica"
                  + " identity, on the target also for tables yet to be made.")
          .fix("If nobody subscribes to it: `DROP PUBLICATION …`.")
          .by(ReplicationChecks::allTables);

  private static void privilege(Examination e) throws SQLException {
    Remedy grant =
        e.session()
            .profile()
            .grantReplication()
            .map(e::grant)
            .orElseGet(() -> e.remedy(Order.ROLES, "ALTER ROLE " + e.roleSql() + " REPLICATION;"));
    try {
      e.session().database().openReplication("probe").close();
    } catch (MigrationException failure) {
      String what = "No replication session can be opened: " + failure.what();
      List<String> role = List.of(e.session().role());
      if (failure.code() == ErrorCode.PRIVILEGE_MISSING) {
        e.found(Severity.BLOCKS, failure.code(), role, what, List.of(grant));
      } else {
        e.found(Severity.BLOCKS, failure.code(), role, what, failure.remedy());
      }
    }
    // PostgreSQL 17 gave the function a fourth parameter.
    for (String function :
        e.texts(
            """
            SELECT oid::regprocedure::text FROM pg_proc
            WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = 'pg_logical_emit_message'
              AND proargtypes[2] = 'text'::regtype AND NOT has_function_privilege(oid, 'EXECUTE')
            """)) {
      e.found(
          Severity.BLOCKS,
          List.of(function),
          "The role " + e.roleSql() + " may not execute " + function,
          List.of(e.grant("EXECUTE ON FUNCTION pg_catalog." + function)));
    }
  }

  private static void ownership(Examination e) throws SQLException {
    List<Long> oids = e.objects().streamed().stream().map(Table::oid).toList();
    record Foreign(String owner, String table) {}
    List<Foreign> foreign =
        Sql.query(
            e.connection(),
            """
            SELECT r.rolname, n.nspname, c.relname
            FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
            JOIN pg_roles r ON r.oid = c.relowner
            WHERE c.oid = ANY (?::oid[]) AND NOT pg_has_role(c.relowner, 'USAGE')
            ORDER BY 1, 2, 3
            """,
            row ->
                new Foreign(
                    row.getString(1),
                    new QualifiedName(row.getString(2), row.getString(3)).toString()),
            Names.array(oids));
    for (String owner : foreign.stream().map(Foreign::owner).distinct().toList()) {
      List<String> tables =
          foreign.stream().filter(f -> f.owner().equals(owner)).map(Foreign::table).toList();
      e.found(
          Severity.BLOCKS,
          tables,
          "The role %s does not have the privileges of %s, the owner of %s"
              .formatted(e.roleSql(), Quoting.identifier(owner), Names.some(tables)),
          List.of(e.grant(Quoting.identifier(owner))));
    }
  }

  private static void publicationPrivilege(Examination e) throws SQLException {
    if (!e.holds("SELECT has_database_privilege(current_database(), 'CREATE')")) {
      e.found(
          Severity.BLOCKS,
          List.of(e.session().name()),
          "The role " + e.roleSql() + " may not create a publication in the source's database",
          List.of(e.grant("CREATE ON DATABASE " + e.databaseSql())));
    }
  }

  private static void slotName(Examination e) throws SQLException {
    AssessmentContext.Replication names = e.context().replication();
    for (String slot : names.slots()) {
      if (!names.ownSlots().contains(slot)
          && e.holds(
              "SELECT EXISTS (SELECT FROM pg_replication_slots WHERE slot_name = ?)", slot)) {
        e.found(
            Severity.BLOCKS,
            List.of(slot),
            "A replication slot named " + slot + " exists and is not this migration's",
            List.of(
                e.remedy(
                        Order.REPLICATION,
                        "SELECT pg_drop_replication_slot(" + Quoting.literal(slot) + ");")
                    .noting(OTHER_NAME)));
      }
    }
  }

  private static void givenSlot(Examination e) throws SQLException {
    String slot = e.context().replication().slot();
    record Slot(boolean ours, boolean plugin, boolean lost, boolean active) {}
    var found =
        Sql.queryFirst(
            e.connection(),
            """
            SELECT database = current_database(), plugin = 'pgoutput', active,
                   coalesce(to_jsonb(s) ->> 'wal_status', '') = 'lost' OR restart_lsn IS NULL
            FROM pg_replication_slots s WHERE slot_name = ?
            """,
            row ->
                new Slot(
                    row.getBoolean(1), row.getBoolean(2), row.getBoolean(4), row.getBoolean(3)),
            slot);
    String fix = "Name the slot that was made before the rows were copied, in apply.slot.";
    if (found.isEmpty() || !found.get().ours() || !found.get().plugin()) {
      e.found(
          Severity.BLOCKS,
          List.of(slot),
          "There is no logical slot " + slot + " of plugin pgoutput in the source's database",
          fix);
    } else if (found.get().lost()) {
      e.found(
          Severity.BLOCKS,
          ErrorCode.SLOT_LOST,
          List.of(slot),
          "The slot " + slot + " has lost WAL it needs",
          "Make a new slot and copy the rows anew.");
    } else if (found.get().active() && !e.context().begun()) {
      e.found(
          Severity.BLOCKS,
          ErrorCode.SLOT_IN_USE,
          List.of(slot),
          "Another process reads the slot " + slot,
          "Stop it, then run again.");
    }
  }

  private static void publicationName(Examination e) throws SQLException {
    AssessmentContext.Replication names = e.context().replication();
    for (String publication : names.publications()) {
      if (!names.ownPublications().contains(publication)
          && e.holds("SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = ?)", publication)) {
        e.found(
            Severity.BLOCKS,
            List.of(publication),
            "A publication named " + publication + " exists and is not this migration's",
            List.of(dropPublication(e, publication).noting(OTHER_NAME)));
      }
    }
  }

  private static void allTables(Examination e) throws SQLException {
    List<String> all = e.texts("SELECT pubname FROM pg_publication WHERE puballtables ORDER BY 1");
    if (!all.isEmpty()) {
      e.found(
          Severity.INFORMS,
          all,
          "FOR ALL TABLES: " + Names.some(all),
          all.stream()
              .map(name -> dropPublication(e, name).noting("if nobody subscribes to it"))
              .toList());
    }
  }

  private static Remedy dropPublication(Examination e, String name) {
    return e.remedy(Order.REPLICATION, "DROP PUBLICATION " + Quoting.identifier(name) + ";");
  }
}
