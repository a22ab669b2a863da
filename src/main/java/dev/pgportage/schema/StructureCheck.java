package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.config.MigrationConfig.Filters;
import dev.pgportage.pg.QualifiedName;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/**
 * Whether the source's tables still are as they were when the plan of the schema was made: nothing
 * is installed on the source to notice it, so it is looked at again.
 */
public final class StructureCheck {
  private static final int SHOWN = 20;

  private final SchemaPlan plan;
  private final Filters filters;

  /** A check against a plan; new tables that the filters would select count as changes. */
  public StructureCheck(SchemaPlan plan, Filters filters) {
    this.plan = plan;
    this.filters = filters;
  }

  /** What changed on the source since the plan was made, a line each; empty if nothing did. */
  public List<String> changes(Connection source) throws SQLException {
    List<QualifiedName> tables =
        ObjectSets.selected(CatalogReader.read(source), filters).stream().map(Table::name).toList();
    return Structure.changes(plan.structure(), Structure.read(source, tables));
  }

  /**
   * Makes sure nothing changed.
   *
   * @throws MigrationException SCHEMA_CHANGED with what did
   */
  public void requireUnchanged(Connection source) throws SQLException {
    List<String> changes = changes(source);
    if (!changes.isEmpty()) {
      String more = changes.size() > SHOWN ? "; and " + (changes.size() - SHOWN) + " more" : "";
      throw new MigrationException(
          ErrorCode.SCHEMA_CHANGED,
          "The source changed since its schema was read: "
              + String.join("; ", changes.subList(0, Math.min(SHOWN, changes.size())))
              + more);
    }
  }
}
