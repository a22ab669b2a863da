package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Catalog;
import dev.pgportage.schema.CatalogReader;
import dev.pgportage.schema.ObjectSet;
import dev.pgportage.schema.ObjectSets;
import dev.pgportage.schema.SchemaDiff;
import dev.pgportage.schema.SchemaPlan;
import dev.pgportage.schema.SchemaPlanner;
import dev.pgportage.state.StateStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;

/** Compares the schemas of both sides, with what is known of the migration between them. */
final class SchemaComparing {
  private final MigrationConfig config;
  private final Database source;
  private final Database target;

  SchemaComparing(MigrationConfig config) {
    this.config = config;
    source = new Database(config.source(), Databases.application(config.name()));
    target = new Database(config.target(), Databases.application(config.name()));
  }

  SchemaDiff.Report run() throws SQLException {
    Optional<SchemaPlan> plan = plan();
    return SchemaDiff.between(
        source,
        target,
        new SchemaDiff.Context(
            config.schema(),
            set(plan.isPresent()),
            plan.map(SchemaPlan::reasons).orElse(Map.of())));
  }

  /**
   * What the filters select.
   *
   * @param begun whether they matched when the migration began; what they name may be dropped since
   */
  private Optional<ObjectSet> set(boolean begun) throws SQLException {
    if (config.filters().isEmpty()) {
      return Optional.empty();
    }
    try (Connection connection = source.open("schema")) {
      Catalog catalog = CatalogReader.read(connection);
      return Optional.of(
          begun
              ? ObjectSets.follow(catalog, config.filters(), false)
              : ObjectSets.resolve(catalog, config.filters(), false));
    }
  }

  /** Named "status", so that a process taking over the lease leaves this session alone. */
  private Optional<SchemaPlan> plan() throws SQLException {
    try (Connection connection = target.open("status")) {
      return mayReadState(connection) && StateStore.find(connection, config.name()).isPresent()
          ? SchemaPlanner.kept(connection, config.name())
          : Optional.empty();
    }
  }

  /** Whoever compares may be somebody else than who migrates. */
  private static boolean mayReadState(Connection connection) throws SQLException {
    return Sql.queryLong(
            connection,
            """
            SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'pgportage' AND c.relname IN ('migration', 'schema_item')
              AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
            """)
        == 2;
  }
}
