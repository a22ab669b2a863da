package dev.pgportage.schema;

import dev.pgportage.ErrorCode;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Database;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.CatalogInventory.Entry;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Compares everything two databases' catalogs hold, and tells what a migration leaves out on
 * purpose apart from what nothing explains.
 *
 * <p>Reads the catalogs alone: it needs no privilege but to connect. What is part of an object that
 * is missing is not told again. Texts that a server writes of expressions, views and functions are
 * comparable within one major version only; between two they count as explained where they differ.
 */
public final class SchemaDiff {
  /** How an object differs. */
  public enum Kind {
    /** The source alone has it. */
    MISSING,
    /** The target alone has it. */
    EXTRA,
    /** Both have it, but not alike. */
    DIFFERENT
  }

  /**
   * One difference.
   *
   * @param object aspect, kind and name: {@code index public.orders_at}
   * @param kind how it differs
   * @param source how the source defines it; empty if it has none
   * @param target how the target does
   * @param reason why that is as it should be; empty if nothing explains it
   */
  public record Line(String object, Kind kind, String source, String target, String reason) {
    Line because(String why) {
      return new Line(object, kind, source, target, why);
    }
  }

  /**
   * What came of a comparison.
   *
   * @param source the source's version
   * @param target the target's
   * @param sourceObjects how many objects and aspects of objects were read there
   * @param targetObjects the same on the target
   * @param unexplained differences nothing explains
   * @param explained differences that are meant
   */
  public record Report(
      String source,
      String target,
      int sourceObjects,
      int targetObjects,
      List<Line> unexplained,
      List<Line> explained) {
    /** Copies the lists. */
    public Report {
      unexplained = List.copyOf(unexplained);
      explained = List.copyOf(explained);
    }

    /** Whether nothing is unexplained. */
    public boolean equal() {
      return unexplained.isEmpty();
    }
  }

  /**
   * What is known of the migration between both, if there is one.
   *
   * @param schema its choices
   * @param set its objects; empty if all take part
   * @param leftOut kind and name of what its plan leaves out, with the reason
   */
  public record Context(
      MigrationConfig.Schema schema, Optional<ObjectSet> set, Map<String, String> leftOut) {
    /** Copies the map. */
    public Context {
      leftOut = Map.copyOf(leftOut);
    }
  }

  /** A difference and the entry of the side that has the object. */
  record Found(String aspect, Entry entry, Line line) {}

  private final CatalogInventory here;
  private final CatalogInventory there;

  private SchemaDiff(CatalogInventory here, CatalogInventory there) {
    this.here = here;
    this.there = there;
  }

  /** Compares two databases, each as it is at one moment. */
  public static Report between(Database source, Database target, Context context) {
    try (Connection first = begin(source);
        Connection second = begin(target)) {
      int major = Math.min(ServerVersion.of(first).major(), ServerVersion.of(second).major());
      var diff =
          new SchemaDiff(
              CatalogInventory.whole(first, major), CatalogInventory.whole(second, major));
      var explanations = new Explanations(diff.here, diff.there, context, second);
      var explained = new ArrayList<Line>();
      var unexplained = new ArrayList<Line>();
      for (Line line : explanations.explain(diff.found(), first)) {
        (line.reason().isEmpty() ? unexplained : explained).add(line);
      }
      return new Report(
          diff.here.version().toString(),
          diff.there.version().toString(),
          diff.here.objects().size(),
          diff.there.objects().size(),
          unexplained,
          explained);
    } catch (SQLException e) {
      throw SqlFailures.translate(e, ErrorCode.SQL_FAILED, "Comparing both catalogs");
    }
  }

  private static Connection begin(Database database) throws SQLException {
    Connection connection = database.open("schema");
    try {
      connection.setAutoCommit(false);
      Sql.execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
      return connection;
    } catch (SQLException e) {
      try {
        connection.close();
      } catch (SQLException second) {
        e.addSuppressed(second);
      }
      throw e;
    }
  }

  private List<Found> found() {
    var found = new ArrayList<Found>();
    Set<QualifiedName> ours = relations(here);
    Set<QualifiedName> theirs = relations(there);
    here.objects()
        .forEach(
            (name, entry) -> {
              Entry other = there.objects().get(name);
              if (other != null) {
                if (!alike(entry, other)) {
                  add(found, name, Kind.DIFFERENT, entry, text(entry, other), text(other, entry));
                }
              } else if (!isPartOfMissing(name, entry, here, there, ours, theirs)) {
                add(found, name, Kind.MISSING, entry, text(entry), "");
              }
            });
    there
        .objects()
        .forEach(
            (name, entry) -> {
              if (!here.objects().containsKey(name)
                  && !isPartOfMissing(name, entry, there, here, theirs, ours)) {
                add(found, name, Kind.EXTRA, entry, "", text(entry));
              }
            });
    return found;
  }

  private static void add(
      List<Found> found, String name, Kind kind, Entry entry, String source, String target) {
    String aspect = name.substring(0, name.length() - entry.object().length());
    found.add(new Found(aspect, entry, new Line(name, kind, source, target, "")));
  }

  private static Set<QualifiedName> relations(CatalogInventory inventory) {
    return inventory.objects().values().stream()
        .filter(Entry::whole)
        .flatMap(entry -> entry.relation().stream())
        .collect(Collectors.toSet());
  }

  /** Whether it is enough to tell of what it belongs to; an aspect that says nothing is none. */
  private static boolean isPartOfMissing(
      String name,
      Entry entry,
      CatalogInventory one,
      CatalogInventory other,
      Set<QualifiedName> ones,
      Set<QualifiedName> others) {
    boolean aspect = !name.equals(entry.object());
    if (aspect && entry.definition().isEmpty()) {
      return true;
    }
    if (aspect
        && one.objects().containsKey(entry.object())
        && !other.objects().containsKey(entry.object())) {
      return true;
    }
    return !entry.whole()
        && entry.relation().isPresent()
        && ones.contains(entry.relation().get())
        && !others.contains(entry.relation().get());
  }

  /** Expressions are compared between versions, too: where they differ, that is told. */
  private boolean alike(Entry one, Entry other) {
    if (here.version().major() == there.version().major()) {
      return here.alike(one, there, other);
    }
    return CatalogInventory.definedAlike(one, other)
        && CatalogInventory.plain(one.expression())
            .equals(CatalogInventory.plain(other.expression()));
  }

  private static String text(Entry entry) {
    return entry.expression().isEmpty() ? entry.definition() : entry.expression();
  }

  private static String text(Entry entry, Entry other) {
    return CatalogInventory.definedAlike(entry, other) ? entry.expression() : entry.definition();
  }
}
