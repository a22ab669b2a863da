package dev.pgportage.workflow;

import dev.pgportage.ErrorCode;
import dev.pgportage.cdc.Replication;
import dev.pgportage.pg.ExportedSnapshot;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.Table;
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
      TableRepair.lock(target, tables);
      var repaired = new ArrayList<Repaired>();
      try (var standing = ExportedSnapshot.take(session.target())) {
        var repair = new TableRepair(source, target, undo);
        tables.forEach(table -> repaired.add(repair.repair(standing, table)));
      }
      undo.finish();
      target.commit();
      return repaired;
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.REPAIR_FAILED, "Repairing rows of the target");
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
