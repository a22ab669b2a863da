package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.profile.Profile;
import dev.pgportage.profile.Profiles;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether the target has the source's extensions. */
final class ExtensionChecks {
  private ExtensionChecks() {}

  static final Check MISSING =
      Check.named("extensions", "Extensions", Side.TARGET)
          .passes(
              "Every extension of the source is on the target, or available there and the role can"
                  + " create it (tried in a transaction that is rolled back).")
          .why("Types, functions and operators of an extension that is missing cannot be restored.")
          .fix(
              "Enable the extension on the target (PlanetScale: in the dashboard), or drop it on"
                  + " the source if nothing uses it.")
          .by(ExtensionChecks::missing);

  static final Check VERSIONS =
      Check.named("extension-versions", "Extensions' Versions", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("The target has each extension in the source's version or a newer one.")
          .why("An older version may lack types, functions and operators the schema uses.")
          .fix("`ALTER EXTENSION … UPDATE` on the target, if it has a newer version available.")
          .by(ExtensionChecks::versions);

  static final Check DATA =
      Check.named("extension-data", "Rows in Extensions' Tables", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("No table that an extension keeps for the user's rows holds any.")
          .why(
              "Tables of extensions are made by the extension on the target; rows the user put into"
                  + " them (jobs, spatial reference systems) are not carried.")
          .fix("Write the rows to the target as the extension's documentation says.")
          .by(ExtensionChecks::data);

  private record Extension(String name, String version) {}

  private record Offer(@Nullable String installed, @Nullable String fallback) {
    /** The version the target has, or would make. */
    @Nullable String version() {
      return installed != null ? installed : fallback;
    }
  }

  private static void missing(Examination e) throws SQLException {
    Map<String, Offer> offers = offers(e.connection());
    for (Extension extension : used(e)) {
      Offer offer = offers.get(extension.name());
      var owner = Profiles.ownerOfExtension(extension.name());
      if (owner.isPresent()) {
        e.found(
            Severity.WARNS,
            List.of(extension.name()),
            "Extension %s %s; it is left behind"
                .formatted(extension.name(), owner.get().ownership()),
            "Replace what uses it in the application before the cutover.");
      } else if (offer == null || offer.installed() == null) {
        absent(e, extension.name(), offer != null);
      }
    }
  }

  private static void absent(Examination e, String extension, boolean available)
      throws SQLException {
    Profile.Extensions known = e.session().profile().extensions();
    if (!available && known.byProvider().contains(extension)) {
      e.found(
          Severity.BLOCKS,
          List.of(extension),
          "Extension %s is not enabled on the target".formatted(extension),
          "Enable it " + known.how() + ".");
    } else if (!available) {
      e.found(
          Severity.BLOCKS,
          List.of(extension),
          "Extension %s is not available on the target".formatted(extension),
          List.of(
              Remedy.of(
                      Side.SOURCE,
                      Order.EXTENSIONS,
                      "DROP EXTENSION " + Quoting.identifier(extension) + ";")
                  .noting("if nothing uses it; or have it installed on the target")));
    } else if (e.config().schema().mode() == Mode.MANAGED) {
      tryToCreate(e, extension);
    } else {
      e.found(
          Severity.WARNS,
          List.of(extension),
          "Extension %s is not created on the target".formatted(extension),
          List.of(create(e, extension)));
    }
  }

  private static void tryToCreate(Examination e, String extension) throws SQLException {
    Connection target = e.connection();
    target.setAutoCommit(false);
    try {
      Sql.execute(target, "CREATE SCHEMA pgportage_probe");
      Sql.execute(target, "SET LOCAL search_path = pgportage_probe");
      Sql.execute(target, "CREATE EXTENSION " + Quoting.identifier(extension) + " CASCADE");
    } catch (SQLException refused) {
      e.found(
          Severity.BLOCKS,
          List.of(extension),
          "Extension %s cannot be created on the target: %s"
              .formatted(extension, SqlFailures.describe(refused)),
          List.of(create(e, extension).noting("as a role that may")));
    } finally {
      target.rollback();
      target.setAutoCommit(true);
    }
  }

  private static Remedy create(Examination e, String extension) {
    return e.remedy(
        Order.EXTENSIONS, "CREATE EXTENSION %s CASCADE;".formatted(Quoting.identifier(extension)));
  }

  private static List<Extension> used(Examination e) throws SQLException {
    return Sql.query(
        e.source().connection(),
        "SELECT extname, extversion FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1",
        row -> new Extension(row.getString(1), row.getString(2)));
  }

  private static Map<String, Offer> offers(Connection connection) throws SQLException {
    var offers = new TreeMap<String, Offer>();
    Sql.query(
        connection,
        "SELECT name, installed_version, default_version FROM pg_available_extensions",
        row -> offers.put(row.getString(1), new Offer(row.getString(2), row.getString(3))));
    // An installed one whose files are gone is not among the available ones.
    Sql.query(
        connection,
        "SELECT extname, extversion FROM pg_extension",
        row -> offers.put(row.getString(1), new Offer(row.getString(2), row.getString(2))));
    return offers;
  }

  private static void versions(Examination e) throws SQLException {
    Map<String, Offer> offers = offers(e.connection());
    for (Extension extension : used(e)) {
      Offer offer = offers.get(extension.name());
      @Nullable String there = offer == null ? null : offer.version();
      if (there == null || there.equals(extension.version())) {
        continue;
      }
      boolean older = compareVersions(there, extension.version()) < 0;
      String what =
          "Extension %s is %s on the source and %s on the target"
              .formatted(extension.name(), extension.version(), there);
      if (older) {
        Remedy update =
            e.remedy(
                    Order.EXTENSIONS,
                    "ALTER EXTENSION %s UPDATE;".formatted(Quoting.identifier(extension.name())))
                .noting("if the target has a newer version");
        e.found(Severity.WARNS, List.of(extension.name()), what, List.of(update));
      } else {
        e.found(
            Severity.INFORMS,
            List.of(extension.name()),
            what,
            "Nothing to do if the extension's release notes name no incompatible change.");
      }
    }
  }

  /** Compares dotted versions number by number; parts that are no numbers count as text. */
  static int compareVersions(String one, String other) {
    String[] left = one.split("[.-]", -1);
    String[] right = other.split("[.-]", -1);
    return Arrays.compare(left, right, ExtensionChecks::comparePart);
  }

  private static int comparePart(String left, String right) {
    boolean numbers = left.matches("\\d{1,9}") && right.matches("\\d{1,9}");
    return numbers
        ? Integer.compare(Integer.parseInt(left), Integer.parseInt(right))
        : left.compareTo(right);
  }

  private record ConfigTable(String extension, QualifiedName name, String condition) {}

  private static void data(Examination e) throws SQLException {
    List<ConfigTable> tables =
        Sql.query(
            e.connection(),
            """
            SELECT x.extname, n.nspname, c.relname, coalesce(f.condition, '')
            FROM pg_extension x
            CROSS JOIN LATERAL unnest(x.extconfig, x.extcondition) AS f (oid, condition)
            JOIN pg_class c ON c.oid = f.oid AND c.relkind = 'r'
            JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1, 2, 3
            """,
            row ->
                new ConfigTable(
                    row.getString(1),
                    new QualifiedName(row.getString(2), row.getString(3)),
                    row.getString(4)));
    var filled = new ArrayList<String>();
    for (ConfigTable table : tables) {
      // The condition is the extension's own SQL, as pg_dump uses it.
      if (e.holds(
          "SELECT EXISTS (SELECT FROM " + table.name().sql() + " " + table.condition() + ")")) {
        filled.add(table.name() + " (" + table.extension() + ")");
      }
    }
    if (!filled.isEmpty()) {
      e.found(
          Severity.WARNS,
          filled,
          "Rows that are not carried: " + Names.some(filled),
          "Write them to the target as the extension's documentation says.");
    }
  }
}
