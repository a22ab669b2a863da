package dev.pgportage.pg;

import java.util.Comparator;

/**
 * The name of an object within a schema, unquoted, exactly as the catalog holds it.
 *
 * @param schema the schema's name
 * @param name the object's name within it
 */
public record QualifiedName(String schema, String name) implements Comparable<QualifiedName> {
  private static final Comparator<QualifiedName> ORDER =
      Comparator.comparing(QualifiedName::schema).thenComparing(QualifiedName::name);

  /** The name for use in SQL, both parts quoted. */
  public String sql() {
    return Quoting.identifier(schema) + "." + Quoting.identifier(name);
  }

  @Override
  public int compareTo(QualifiedName other) {
    return ORDER.compare(this, other);
  }

  /** The name for people: quoted only where PostgreSQL needs it. */
  @Override
  public String toString() {
    return Quoting.identifierIfNeeded(schema) + "." + Quoting.identifierIfNeeded(name);
  }
}
