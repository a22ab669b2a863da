package dev.pgportage.schema;

import dev.pgportage.config.MigrationConfig.Schema;
import dev.pgportage.config.MigrationConfig.Schema.Carry;
import dev.pgportage.config.MigrationConfig.Schema.Roles;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.SchemaItem.Decision;
import dev.pgportage.schema.SchemaItem.Stage;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What belongs to roles: who owns an object, who may use it, whom a policy names, and the roles
 * themselves, as the settings choose. Immutable.
 *
 * <p>Owners and privileges are set after all rows are there and before the target opens: until then
 * the migration's role needs its own way, and during the freeze each statement would cost.
 */
final class Access {
  /** Roles in the statements pg_dump writes of privileges; all names are quoted there. */
  private static final Pattern ROLE =
      Pattern.compile(" (?:TO|FROM|FOR ROLE) \"((?:[^\"]|\"\")+)\"");

  private final Schema choices;
  private final RoleFacts.Source source;
  private final RoleFacts.Target target;
  private final Map<Long, List<String>> policyRoles;
  private final Set<String> known;

  Access(
      Schema choices,
      RoleFacts.Source source,
      RoleFacts.Target target,
      Map<Long, List<String>> policyRoles) {
    this.choices = choices;
    this.source = source;
    this.target = target;
    this.policyRoles = policyRoles;
    known = new HashSet<>(target.all());
    if (choices.roles() == Roles.CARRY) {
      source.roles().forEach(role -> known.add(role.name()));
    }
  }

  /** Whether privileges are kept, and this is about some. */
  boolean keeps(String kind) {
    return choices.privileges() == Carry.KEEP && Kinds.PRIVILEGES.contains(kind);
  }

  /** What is done with a policy. */
  Verdict policy(TocEntry entry) {
    List<String> unknown = unknown(policyRoles.getOrDefault(entry.oid(), List.of()));
    return unknown.isEmpty()
        ? Verdict.defer(Stage.OPENING, "would hide rows from the migration", entry.definition())
        : Verdict.block(lacking(unknown));
  }

  /**
   * What is done with privileges that are kept.
   *
   * @param onEntry whether the object they are on is in the archive, too
   */
  Verdict privileges(TocEntry entry, boolean onEntry, boolean ownsPublic) {
    String sql = entry.definition();
    if (!onEntry && entry.kind().equals("ACL")) {
      boolean ofPublic =
          entry.tag().equals("SCHEMA \"public\"") || entry.tag().equals("SCHEMA public");
      if (!ofPublic || !ownsPublic) {
        return Verdict.leaveOut(
            ofPublic ? "schema public is not ours on the target" : "belongs to an extension");
      }
    }
    var roles = new TreeSet<String>();
    Matcher matcher = ROLE.matcher(sql);
    while (matcher.find()) {
      roles.add(matcher.group(1).replace("\"\"", "\""));
    }
    List<String> unknown = unknown(roles);
    if (!unknown.isEmpty()) {
      return Verdict.block(lacking(unknown));
    }
    if (sql.contains("SET SESSION AUTHORIZATION ")) {
      return Verdict.block(
          "was granted by another role than the owner: set schema.privileges: drop, or have the"
              + " owner grant it on the source");
    }
    boolean fromOwner = entry.owner() != null && sql.contains(" FROM " + ownerSql(entry) + ";");
    return fromOwner
        ? Verdict.defer(Stage.OPENING, "takes from the owner what the migration needs", sql)
        : Verdict.apply(Stage.TRIGGERS, entry);
  }

  private static String ownerSql(TocEntry entry) {
    return Quoting.identifier(String.valueOf(entry.owner()));
  }

  /** Adds the roles, before everything else. */
  void addRoles(PlanItems items) {
    if (choices.roles() != Roles.CARRY) {
      return;
    }
    for (RoleFacts.Role role : source.roles()) {
      items.add("ROLE", role.name(), Optional.empty(), verdict(role));
    }
    for (RoleFacts.Membership membership : source.memberships()) {
      if (!target.all().contains(membership.role())
          || !target.all().contains(membership.member())) {
        items.add(
            "ROLE MEMBERSHIP",
            membership.member() + " in " + membership.role(),
            Optional.empty(),
            new Verdict(
                Decision.APPLY,
                Stage.PRE_DATA,
                "",
                "GRANT %s TO %s;"
                    .formatted(
                        Quoting.identifier(membership.role()),
                        Quoting.identifier(membership.member())),
                false));
      }
    }
  }

  private Verdict verdict(RoleFacts.Role role) {
    if (target.all().contains(role.name())) {
      return Verdict.skip("is on the target already");
    }
    String name = Quoting.identifier(role.name());
    if (!target.mayCreate()) {
      return Verdict.block(
          "cannot be made: ALTER ROLE " + target.ownSql() + " CREATEROLE, or schema.roles: none");
    }
    String own =
        choices.owners() == Carry.KEEP ? "\nGRANT %s TO %s;".formatted(name, target.ownSql()) : "";
    var without = new StringJoiner(", ", " and without ", "").setEmptyValue("");
    String options = role.options();
    if (role.makesDatabases() && target.mayLetMakeDatabases()) {
      options += " CREATEDB";
    } else if (role.makesDatabases()) {
      without.add("CREATEDB");
    }
    if (!role.more().isEmpty()) {
      without.add(role.more());
    }
    return Verdict.rewrite(
        Stage.PRE_DATA,
        "comes without its password" + without,
        "CREATE ROLE " + name + " " + options + ";" + own);
  }

  /** Adds who owns an object, behind it. */
  void addOwner(PlanItems items, TocEntry entry, Optional<QualifiedName> table, Verdict verdict) {
    String owner = entry.owner();
    Optional<String> object = entry.ownable();
    boolean made = verdict.decision() != Decision.SKIP && verdict.decision() != Decision.BLOCK;
    if (choices.owners() == Carry.KEEP
        && made
        && object.isPresent()
        && owner != null
        && !owner.isEmpty()
        && !owner.equals(target.own())) {
      items.add("OWNER", entry.displayName(), table, owned(entry, object.get(), owner));
    }
  }

  private Verdict owned(TocEntry entry, String object, String owner) {
    if (!known.contains(owner)) {
      return Verdict.block(lacking(List.of(Quoting.identifier(owner))));
    }
    String role = Quoting.identifier(owner);
    if (target.all().contains(owner) && !target.usable().contains(owner)) {
      return Verdict.block(
          "cannot be given to its owner: GRANT " + role + " TO " + target.ownSql());
    }
    if (isInNoSchema(entry) && !target.creators().contains(owner) && !target.mayAllowCreating()) {
      return Verdict.block(
          "cannot be given to its owner: have the database's owner GRANT CREATE ON DATABASE to "
              + role);
    }
    return new Verdict(Decision.APPLY, Stage.TRIGGERS, "", giving(entry, object, role), false);
  }

  private static boolean isInNoSchema(TocEntry entry) {
    String schema = entry.schema();
    return schema == null || schema.isEmpty();
  }

  /** A new owner needs CREATE around the object, for the moment of becoming it. */
  private static String giving(TocEntry entry, String object, String role) {
    String alter = "ALTER " + object + " OWNER TO " + role + ";";
    String schema = String.valueOf(entry.schema());
    boolean alone = isInNoSchema(entry);
    String around = alone ? "DATABASE " : "SCHEMA " + Quoting.identifier(schema);
    String may =
        alone
            ? "has_database_privilege(%s, current_database(), 'CREATE')"
                .formatted(Quoting.literal(unquoted(role)))
            : "has_schema_privilege(%s, %s, 'CREATE')"
                .formatted(Quoting.literal(unquoted(role)), Quoting.literal(schema));
    String of = alone ? "' || quote_ident(current_database()) || '" : "";
    String body =
        """
        DECLARE lacks boolean := NOT %s;
        BEGIN
          IF lacks THEN EXECUTE 'GRANT CREATE ON %s TO %s'; END IF;
          EXECUTE %s;
          IF lacks THEN EXECUTE 'REVOKE CREATE ON %s FROM %s'; END IF;
        END"""
            .formatted(
                may,
                around.replace("'", "''") + of,
                role.replace("'", "''"),
                Quoting.literal(alter),
                around.replace("'", "''") + of,
                role.replace("'", "''"));
    return "DO " + Quoting.literal(body) + ";";
  }

  private static String unquoted(String role) {
    return role.substring(1, role.length() - 1).replace("\"\"", "\"");
  }

  private List<String> unknown(Collection<String> roles) {
    return roles.stream()
        .filter(role -> !known.contains(role))
        .map(Quoting::identifierIfNeeded)
        .toList();
  }

  private static String lacking(List<String> roles) {
    return "names roles the target does not have: CREATE ROLE " + String.join(", ", roles);
  }
}
