package dev.pgportage.schema;

import dev.pgportage.config.MigrationConfig.Schema.Carry;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profile;
import dev.pgportage.profile.Profiles;
import dev.pgportage.schema.CatalogInventory.Entry;
import dev.pgportage.schema.SchemaDiff.Found;
import dev.pgportage.schema.SchemaDiff.Kind;
import dev.pgportage.schema.SchemaDiff.Line;
import dev.pgportage.schema.SourceFacts.ObjectId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Why a target differs from its source where that is meant: by what kind of thing it is, by the
 * plan and the choices of the migration, and because what it needs is left out itself.
 */
final class Explanations {
  private static final String OWNERS =
      "owners are not carried: everything is the migration's role's";
  private static final String PRIVILEGES = "privileges are not carried: grant on the target";
  private static final String SUPERUSER = "only a superuser can make it on the target";
  private static final String OWN = "is the target's own: migrations leave it alone";

  /** What is never carried, in the words of {@code pg_identify_object}. */
  private static final Map<String, String> NEVER_CARRIED =
      Map.of(
          "publication", "PUBLICATION",
          "subscription", "SUBSCRIPTION",
          "event trigger", "EVENT TRIGGER",
          "foreign-data wrapper", "FOREIGN DATA WRAPPER",
          "server", "SERVER",
          "user mapping", "USER MAPPING",
          "foreign table", "FOREIGN TABLE");

  private static final Set<String> SUPERUSERS =
      Set.of(
          "operator class",
          "operator family",
          "access method",
          "language",
          "text search parser",
          "text search template",
          "transform");

  private final CatalogInventory here;
  private final CatalogInventory there;
  private final SchemaDiff.Context context;
  private final boolean superuser;
  private final Set<QualifiedName> tables;

  Explanations(
      CatalogInventory here, CatalogInventory there, SchemaDiff.Context context, Connection target)
      throws SQLException {
    this.here = here;
    this.there = there;
    this.context = context;
    superuser = Sql.queryText(target, "SHOW is_superuser").orElseThrow().equals("on");
    tables =
        context.set().stream()
            .flatMap(set -> set.tables().stream())
            .map(ObjectSet.Member::name)
            .collect(Collectors.toSet());
  }

  /** The same differences as lines, those that are meant with their reasons. */
  List<Line> explain(List<Found> found, Connection source) throws SQLException {
    Set<ObjectId> unsafe = unsafeFunctions(source);
    var reasons = new HashMap<Found, String>();
    for (Found one : found) {
      reason(one, unsafe).ifPresent(reason -> reasons.put(one, reason));
    }
    Map<ObjectId, String> leftOut =
        reasons.keySet().stream()
            .filter(one -> one.line().kind() == Kind.MISSING && one.aspect().isEmpty())
            .collect(
                Collectors.toMap(
                    one -> one.entry().id(), one -> one.entry().object(), (one, _) -> one));
    Map<ObjectId, String> needs = new Dependents(source).of(leftOut);
    var lines = new ArrayList<Line>();
    for (Found one : found) {
      String reason = reasons.get(one);
      String needed = needs.get(one.entry().id());
      if (reason == null && needed != null && one.line().kind() == Kind.MISSING) {
        reason = "needs " + needed + ", which is left out";
      }
      lines.add(reason == null ? one.line() : one.line().because(reason));
    }
    return lines;
  }

  private Optional<String> reason(Found found, Set<ObjectId> unsafe) {
    Optional<String> ofAspect = ofAspect(found);
    if (ofAspect.isPresent()) {
      return ofAspect;
    }
    return switch (found.line().kind()) {
      case MISSING -> found.aspect().isEmpty() ? missing(found.entry(), unsafe) : Optional.empty();
      case EXTRA -> extra(found.entry());
      case DIFFERENT -> different(found);
    };
  }

  private Optional<String> ofAspect(Found found) {
    String object = found.entry().object();
    return switch (found.aspect()) {
      case "owner of " -> dropped(context.schema().owners(), object, OWNERS);
      case "privileges on " -> dropped(context.schema().privileges(), object, PRIVILEGES);
      case "security label on " -> Kinds.neverCarried("SECURITY LABEL");
      case "tablespace of " -> Optional.of("tablespaces are each server's own");
      case "version of " ->
          Optional.of(
              object.startsWith("collation ")
                  ? "is the version of each server's own library"
                  : "is the version each server offers");
      case "access method of " ->
          there.objects().containsKey("access method " + found.entry().definition())
              ? Optional.empty()
              : Optional.of("the target has no such access method");
      case "order of columns of " ->
          inherits(object)
              ? Optional.of("inherited columns come first in a table that is made anew")
              : Optional.empty();
      case "comment on " ->
          object.startsWith("extension ")
              ? Optional.of("comes with the extension")
              : object.equals("schema public")
                  ? Optional.of("schema public is not ours on the target")
                  : context
                      .set()
                      .filter(ObjectSet::leavesOutComments)
                      .map(_ -> "is outside of the filters");
      default ->
          object.startsWith("default acl ")
              ? dropped(context.schema().privileges(), object, PRIVILEGES)
              : Optional.empty();
    };
  }

  /** Extensions, and schema public where it is another's, keep whom the target gave them to. */
  private static Optional<String> dropped(Carry choice, String object, String reason) {
    boolean others = object.startsWith("extension ") || object.equals("schema public");
    return choice == Carry.DROP
        ? Optional.of(reason)
        : others ? Optional.of("is the target's own") : Optional.empty();
  }

  private boolean inherits(String table) {
    Entry entry = here.objects().get(table);
    return entry != null && entry.definition().contains("inherits ");
  }

  private Optional<String> missing(Entry entry, Set<ObjectId> unsafe) {
    String object = entry.object();
    String planned = context.leftOut().get(object);
    if (planned != null) {
      return Optional.of(planned);
    }
    String kind = kind(object);
    Optional<String> never =
        Optional.ofNullable(NEVER_CARRIED.get(kind)).flatMap(Kinds::neverCarried);
    if (never.isPresent()) {
      return never;
    }
    Optional<Profile> owner = provider(object, kind);
    if (owner.isPresent()) {
      return owner.map(Profile::ownership);
    }
    if (entry.whole() && context.set().isPresent() && entry.table().isPresent()) {
      return tables.contains(entry.table().get())
          ? Optional.empty()
          : Optional.of("is outside of the filters");
    }
    boolean needsMore = SUPERUSERS.contains(kind) || unsafe.contains(entry.id());
    return needsMore && !superuser ? Optional.of(SUPERUSER) : Optional.empty();
  }

  private static Optional<String> extra(Entry entry) {
    String kind = kind(entry.object());
    return NEVER_CARRIED.containsKey(kind)
            || kind.equals("extension")
            || provider(entry.object(), kind).isPresent()
        ? Optional.of(OWN)
        : Optional.empty();
  }

  private Optional<String> different(Found found) {
    Entry other = there.objects().get(found.line().object());
    boolean textAlone = other != null && CatalogInventory.definedAlike(found.entry(), other);
    if (!superuser && found.line().source().toLowerCase(Locale.ROOT).contains("leakproof")) {
      return Optional.of("only a superuser may promise LEAKPROOF");
    }
    int one = here.version().major();
    int two = there.version().major();
    return textAlone && one != two
        ? Optional.of("PostgreSQL " + two + " writes it otherwise than " + one)
        : Optional.empty();
  }

  private static Optional<Profile> provider(String object, String kind) {
    String name = object.substring(kind.length()).strip();
    return switch (kind) {
      case "schema" -> Profiles.ownerOfSchema(name);
      case "extension" -> Profiles.ownerOfExtension(name);
      default -> Optional.empty();
    };
  }

  /** The first words of kind and name; kinds are known, names may be anything. */
  private static String kind(String object) {
    for (Set<String> known : List.of(NEVER_CARRIED.keySet(), SUPERUSERS)) {
      for (String kind : known) {
        if (object.startsWith(kind + " ")) {
          return kind;
        }
      }
    }
    return object.substring(0, Math.max(0, object.indexOf(' ')));
  }

  private static Set<ObjectId> unsafeFunctions(Connection source) throws SQLException {
    return new HashSet<>(
        Sql.query(
            source,
            """
            SELECT 'pg_proc'::regclass::oid::int8, p.oid::int8
            FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang
            WHERE NOT l.lanpltrusted AND l.lanname <> 'sql' AND p.oid >= 16384
              AND p.prokind <> 'a'
            """,
            row -> new ObjectId(row.getLong(1), row.getLong(2))));
  }
}
