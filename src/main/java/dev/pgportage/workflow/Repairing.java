package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
import dev.pgportage.state.CrashPoint;
import dev.pgportage.state.Repairs;
import dev.pgportage.telemetry.Event;
import dev.pgportage.validation.Repaired;
import dev.pgportage.validation.TableRepair;
import dev.pgportage.validation.UndoFile;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Makes tables of the target that were found to differ equal to the source again, at one LSN at
 * which replication stands still as long as that takes. What takes it back is on disk before it is
 * committed.
 */
final class Repairing {
  private final Session session;
  private final Plan plan;
  private final Replication replication;

  Repairing(Session session, Plan plan, Replication replication) {
    this.session = session;
    this.plan = plan;
    this.replication = replication;
  }

  /** Repairs tables in one transaction. */
  RepairReport repair(List<Table> tables, Path file) {
    var source = new AtomicReference<@Nullable ExportedSnapshot>();
    var objects = new SourceObjects(session, plan.objects());
    try (var undo = UndoFile.create(file, about(), session.replicaRole())) {
      List<Repaired> repaired =
          replication.holdAt(
              () -> {
                ExportedSnapshot taken = objects.temporary();
                source.set(taken);
                return taken.snapshot().consistentPoint();
              },
              () -> repair(tables, Objects.requireNonNull(source.get()), undo));
      repaired.forEach(this::tell);
      return new RepairReport(repaired, file.toString(), host());
    } finally {
      ExportedSnapshot taken = source.get();
      if (taken != null) {
        taken.close();
      }
    }
  }

  private List<Repaired> repair(List<Table> tables, ExportedSnapshot source, UndoFile undo) {
    try (Connection target = session.target().open("repair")) {
      if (session.replicaRole()) {
        Sql.execute(target, "SET session_replication_role = replica");
      }
      target.setAutoCommit(false);
      Sql.execute(target, "SET CONSTRAINTS ALL DEFERRED");
      note(target, tables, undo);
      TableRepair.lock(target, tables);
      var repaired = new ArrayList<Repaired>();
      try (var standing = ExportedSnapshot.take(session.target())) {
        var repair = new TableRepair(source, target, undo);
        tables.forEach(table -> repaired.add(repair.repair(standing, table)));
      }
      // Whatever the constraints do not take is to be known before the file is there to stay.
      Sql.execute(target, "SET CONSTRAINTS ALL IMMEDIATE");
      CrashPoint.REPAIR_BEFORE_UNDO.pass();
      undo.finish();
      CrashPoint.REPAIR_AFTER_UNDO.pass();
      commit(target, undo);
      CrashPoint.REPAIR_AFTER_COMMIT.pass();
      return repaired;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.REPAIR_FAILED, "Repairing rows of the target");
    }
  }

  /** The file begins with what asks the state whether this was committed. */
  private void note(Connection target, List<Table> tables, UndoFile undo) throws SQLException {
    var id = UUID.randomUUID();
    List<QualifiedName> names = tables.stream().map(Table::name).toList();
    var repairs = new Repairs(session.config().name());
    repairs.note(target, id, names, undo.path().toString(), host());
    undo.add(repairs.takingBack(id, Sql.queryLong(target, "SELECT txid_current()"), names));
  }

  private static void commit(Connection target, UndoFile undo) {
    try {
      target.commit();
    } catch (SQLException e) {
      MigrationException known =
          SqlFailures.translate(e, ErrorCode.REPAIR_FAILED, "Committing the repair");
      throw new MigrationException(
          known.code(),
          known.what(),
          "Run the repair again with another file: it makes equal what is not. Keep "
              + undo.path()
              + ", too; it refuses by itself if this repair was not committed.",
          e);
    }
  }

  private void tell(Repaired repaired) {
    session
        .monitor()
        .event(
            Event.warning(
                "validation.repaired",
                "Repaired %s: %d rows removed, %d added"
                    .formatted(repaired.table(), repaired.removed(), repaired.added())));
  }

  private String about() {
    return "Takes back what pgportage repaired on the target of migration %s at %s."
        .formatted(session.config().name(), Instant.now());
  }

  private static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      return "this host";
    }
  }
}
