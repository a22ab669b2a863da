package dev.pgportage.workflow;

import dev.pgportage.schema.Matviews;
import dev.pgportage.telemetry.Event;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * The source's materialized views after a rollback: what flowed back is in their tables, and not in
 * them. Filled anew once writers are on the source again, so that nobody waits for it.
 */
final class SourceViews {
  private SourceViews() {}

  /** What it leaves. */
  record Refreshed(int views, List<String> stale) {
    Refreshed {
      stale = List.copyOf(stale);
    }
  }

  /** Fills them, unless that is done; one that cannot be filled is told, and stays as it is. */
  static void refresh(Session session) throws SQLException {
    session.step(
        StepName.ROLLBACK_FINISH,
        Refreshed.class,
        () -> {
          try (Connection source = session.source().open("schema")) {
            Matviews.Refreshed refreshed = Matviews.refresh(source, session::heartbeat);
            if (!refreshed.stale().isEmpty()) {
              session
                  .monitor()
                  .event(
                      Event.warning(
                          "matviews.stale",
                          "Materialized views of the source hold what they held at the cutover, and"
                              + " could not be refreshed: "
                              + String.join("; ", refreshed.stale())));
            }
            return new Refreshed(refreshed.views(), refreshed.stale());
          }
        });
  }
}
