package dev.pgportage.assess;

import dev.pgportage.pg.QualifiedName;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;

/**
 * Qualified names as two arrays, for {@code unnest(?::text[], ?::text[])}.
 *
 * @param schemaNames the schemas' names
 * @param objectNames the names within them, in the same order
 */
record NameArrays(List<String> schemaNames, List<String> objectNames) {
  static NameArrays of(Collection<QualifiedName> names) {
    return new NameArrays(
        names.stream().map(QualifiedName::schema).toList(),
        names.stream().map(QualifiedName::name).toList());
  }

  Array schemas(Connection connection) throws SQLException {
    return connection.createArrayOf("text", schemaNames.toArray());
  }

  Array names(Connection connection) throws SQLException {
    return connection.createArrayOf("text", objectNames.toArray());
  }
}
