package dev.pgportage.cdc;

import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.QualifiedName;
import java.util.List;

/**
 * A streamed table that does not look as planned any more, as the stream describes it.
 *
 * @param table its planned name
 * @param name its name in the stream
 * @param commit the commit of the first transaction with it: nothing of that is on the target,
 *     everything before it is
 * @param columns the columns that are sent, in their order
 * @param types their types, as the source's {@code format_type} prints them
 */
public record RelationChange(
    QualifiedName table, QualifiedName name, Lsn commit, List<String> columns, List<String> types) {
  /** Copies the lists. */
  public RelationChange {
    columns = List.copyOf(columns);
    types = List.copyOf(types);
  }
}
