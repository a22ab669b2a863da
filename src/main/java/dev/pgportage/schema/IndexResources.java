package dev.pgportage.schema;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * What index builds may take of the target.
 *
 * @param workers how many indexes are built at once; each takes a connection when it is needed
 * @param memory bytes all of them together may take, if the server has as much to give
 */
public record IndexResources(int workers, long memory) {

  /**
   * Gives a session its part, unless the server's own settings give it more: of the memory, not
   * more than the server takes for its buffers; of its parallel workers, half.
   *
   * <p>Source: PostgreSQL manual, "Resource Consumption".
   */
  void use(Connection connection) throws SQLException {
    Sql.query(
        connection,
        """
        SELECT set_config(name, wanted::text, false)
        FROM (
          SELECT name, setting::bigint AS now,
            CASE name
              WHEN 'maintenance_work_mem' THEN least(?::bigint / 1024, (
                SELECT setting::bigint * 8 FROM pg_settings WHERE name = 'shared_buffers')) / ?
              ELSE (SELECT setting::bigint FROM pg_settings WHERE name = 'max_parallel_workers')
                / (2 * ?)
            END AS wanted
          FROM pg_settings
          WHERE name IN ('maintenance_work_mem', 'max_parallel_maintenance_workers')) s
        WHERE wanted > now
        """,
        row -> row.getString(1),
        memory,
        workers,
        workers);
    connection.commit();
  }
}
