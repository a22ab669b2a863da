package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.CatalogDiff.Depth;
import dev.pgportage.schema.SourceFacts.ObjectId;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * All objects of a database by their names, each with a definition that reads the same on every
 * version of PostgreSQL, and an expression whose text is only comparable within one.
 *
 * @param version the server's version
 * @param objects by aspect, kind and name, such as {@code index public.orders_at}
 */
record CatalogInventory(ServerVersion version, Map<String, Entry> objects) {

  /**
   * An object, or an aspect of one.
   *
   * @param object kind and name, without the aspect
   * @param id where it is in the catalog
   * @param relation the relation it is part of, or is
   * @param whole whether it is this relation itself
   * @param table the same, if that is a table, foreign ones included
   * @param definition how it is defined
   * @param expression the same, in a text that is comparable within one major version
   */
  record Entry(
      String object,
      ObjectId id,
      Optional<QualifiedName> relation,
      boolean whole,
      Optional<QualifiedName> table,
      String definition,
      String expression) {}

  private static final Pattern NEEDLESS_QUOTES = Pattern.compile("\"([a-z_][a-z0-9_$]*)\"");

  /** A text without the quotes that a server writes around what only it takes for a keyword. */
  static String plain(String text) {
    return NEEDLESS_QUOTES.matcher(text).replaceAll("$1");
  }

  /** Whether two entries define the same. */
  boolean alike(Entry one, CatalogInventory others, Entry other) {
    return version.major() == others.version.major()
        ? one.definition.equals(other.definition) && one.expression.equals(other.expression)
        : definedAlike(one, other);
  }

  /** Whether two entries of whatever versions define the same, but for their expressions. */
  static boolean definedAlike(Entry one, Entry other) {
    return plain(one.definition).equals(plain(other.definition));
  }

  /** Reads everything to a depth; of tables, what the object set has. */
  static CatalogInventory read(Connection connection, ObjectSet set, Depth depth)
      throws SQLException {
    Set<QualifiedName> tables =
        set.tables().stream().map(ObjectSet.Member::name).collect(Collectors.toSet());
    return read(
        connection,
        depth,
        Integer.MAX_VALUE,
        entry -> entry.table.isEmpty() || tables.contains(entry.table.get()));
  }

  /**
   * Reads everything.
   *
   * @param major the older one of both servers' versions
   */
  static CatalogInventory whole(Connection connection, int major) throws SQLException {
    return read(connection, Depth.WHOLE, major, _ -> true);
  }

  private static CatalogInventory read(
      Connection connection, Depth depth, int major, Predicate<Entry> wanted) throws SQLException {
    var objects = new TreeMap<String, Entry>();
    for (CatalogSection section : CatalogSection.ALL) {
      if (section.depth().compareTo(depth) <= 0 && section.since() <= major) {
        Sql.query(connection, section.sql(), CatalogInventory::entryOf).stream()
            .filter(wanted)
            .forEach(entry -> objects.put(section.aspect() + entry.object, entry));
      }
    }
    return new CatalogInventory(ServerVersion.of(connection), objects);
  }

  private static Entry entryOf(ResultSet row) throws SQLException {
    String kind = row.getString(4);
    Optional<QualifiedName> relation =
        kind == null
            ? Optional.empty()
            : Optional.of(new QualifiedName(row.getString(2), row.getString(3)));
    boolean table = kind != null && "rpf".contains(kind);
    return new Entry(
        plain(row.getString(1)),
        new ObjectId(row.getLong(7), row.getLong(8)),
        relation,
        row.getBoolean(10),
        table ? relation : Optional.empty(),
        row.getString(5),
        row.getString(6));
  }
}
