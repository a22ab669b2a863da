package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What belongs to roles rather than to the database: privileges, owners, settings. */
final class RoleChecks {
  private RoleChecks() {}

  static final Check TOKEN =
      Check.named("expiring-password", "Passwords That Expire", Side.SOURCE, Side.TARGET)
          .passes("The migration's role logs in with a password, not with a token of IAM.")
          .why(
              "A token is good for 15 minutes; pgportage opens sessions all through the migration,"
                  + " and after an interruption.")
          .fix("Use a role that is no member of rds_iam, with a password.")
          .by(
              e -> {
                var role = e.session().profile().tokenRole();
                if (role.isPresent() && e.hasPrivilegesOf(role.get())) {
                  e.found(
                      Severity.BLOCKS,
                      List.of(e.session().role()),
                      "The role %s is a member of %s: its tokens expire after 15 minutes"
                          .formatted(e.roleSql(), role.get()),
                      "Use a role that is no member of " + role.get() + ", with a password.");
                }
              });

  static final Check MISSING =
      Check.named("roles", "Roles the Target Lacks", Side.TARGET)
          .when(Scope.DROPS_ROLES)
          .worst(Severity.WARNS)
          .passes("Every role that owns or may use something in the source's database is there.")
          .why(
              "Roles belong to the server, and their passwords cannot be read: the application"
                  + " cannot log in on the target until they are made.")
          .fix("`CREATE ROLE … LOGIN PASSWORD …` on the target, or `schema.roles: carry`.")
          .by(RoleChecks::missing);

  static final Check PRIVILEGES =
      Check.named("privileges", "Privileges Granted to Roles", Side.SOURCE)
          .when(Scope.DROPS_PRIVILEGES)
          .worst(Severity.WARNS)
          .passes("No privilege on a schema, relation or routine is granted to anybody but owners.")
          .why(
              "Owners and privileges are not carried: on the target everything belongs to the"
                  + " migration's role, and other roles may do nothing yet.")
          .fix(
              "Set `schema.privileges: keep` before the migration begins, or grant on the target what"
                  + " the finding lists before the cutover.")
          .lists(
              "Grants are not carried: ",
              """
              SELECT format('%s %s on %s of schema %I',
                       CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE quote_ident(r.rolname) END,
                       string_agg(DISTINCT a.privilege_type, ', '),
                       CASE WHEN count(DISTINCT o.oid) = 1 THEN '1 object'
                            ELSE count(DISTINCT o.oid) || ' objects' END, n.nspname)
              FROM (SELECT oid, relnamespace AS namespace, relowner AS owner, relacl AS acl FROM pg_class
                    UNION ALL SELECT oid, pronamespace, proowner, proacl FROM pg_proc
                    UNION ALL SELECT oid, oid, nspowner, nspacl FROM pg_namespace
                    WHERE nspname <> 'public') o
              JOIN pg_namespace n ON n.oid = o.namespace
              CROSS JOIN LATERAL aclexplode(o.acl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
              WHERE n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
                AND a.grantee <> o.owner AND coalesce(r.rolname, '') <> current_user
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.objid = o.oid AND x.deptype = 'e')
                AND NOT (a.grantee = 0 AND a.privilege_type = 'EXECUTE')
              GROUP BY a.grantee, r.rolname, n.nspname ORDER BY 1
              """);

  static final Check DEFAULT_PRIVILEGES =
      Check.named("default-privileges", "Default Privileges", Side.SOURCE)
          .when(Scope.DROPS_PRIVILEGES)
          .worst(Severity.WARNS)
          .passes("There is no ALTER DEFAULT PRIVILEGES.")
          .why("They are not carried: objects made later on the target would be granted to nobody.")
          .fix("Set `schema.privileges: keep`, or `ALTER DEFAULT PRIVILEGES …` on the target.")
          .lists(
              "Default privileges of ",
              """
              SELECT DISTINCT quote_ident(pg_get_userbyid(defaclrole))
                || coalesce(' in schema ' || nullif(d.defaclnamespace, 0)::regnamespace::text, '')
              FROM pg_default_acl d ORDER BY 1
              """);

  static final Check SETTINGS =
      Check.named("role-settings", "Settings of Roles", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("Every `ALTER ROLE … SET` of a role that both servers have is on the target too.")
          .why(
              "A role's search_path, timeouts and planner settings are no part of a database and are"
                  + " not carried; the application would find other ones.")
          .fix("`ALTER ROLE … SET …` on the target.")
          .by(RoleChecks::settings);

  private static void missing(Examination e) throws SQLException {
    List<String> roles =
        Sql.query(
            e.source().connection(),
            """
            SELECT DISTINCT r.rolname FROM pg_shdepend d JOIN pg_roles r ON r.oid = d.refobjid
            WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype IN ('o', 'a', 'r')
              AND d.dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
              AND r.rolname !~ '^pg_' AND NOT\s
            """
                + Profiles.ownRoleSql("r.rolname")
                + " ORDER BY 1",
            row -> row.getString(1));
    var missing = new ArrayList<String>();
    for (String role : roles) {
      if (!e.holds("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = ?)", role)) {
        missing.add(Quoting.identifierIfNeeded(role));
      }
    }
    if (!missing.isEmpty()) {
      e.found(
          Severity.WARNS,
          missing,
          "Roles of the source's database that the target lacks: " + Names.some(missing),
          missing.stream()
              .map(
                  role ->
                      e.remedy(Order.ROLES, "CREATE ROLE " + role + ";")
                          .noting("LOGIN PASSWORD … if it logs in"))
              .toList());
    }
  }

  /** A setting of a role: in this database alone, or everywhere. */
  private record Own(String role, boolean here, String setting) {
    String name() {
      return role + ": " + CompatibilityChecks.nameOf(setting);
    }

    Remedy remedy(Examination e) {
      return e.remedy(
          Order.SETTINGS,
          "ALTER ROLE %s%s SET %s;"
              .formatted(
                  role,
                  here ? " IN DATABASE " + e.databaseSql() : "",
                  CompatibilityChecks.assignment(setting)));
    }
  }

  private static List<Own> settings(Connection connection) throws SQLException {
    return Sql.query(
        connection,
        """
        SELECT quote_ident(r.rolname), p.setdatabase <> 0, s.setting
        FROM pg_db_role_setting p JOIN pg_roles r ON r.oid = p.setrole
        LEFT JOIN pg_database d ON d.oid = p.setdatabase
        CROSS JOIN LATERAL unnest(p.setconfig) AS s (setting)
        WHERE p.setdatabase = 0 OR d.datname = current_database()
        ORDER BY 1, 2, 3
        """,
        row -> new Own(row.getString(1), row.getBoolean(2), row.getString(3)));
  }

  private static void settings(Examination e) throws SQLException {
    List<Own> there = settings(e.connection());
    List<String> roles = e.texts("SELECT quote_ident(rolname) FROM pg_roles");
    List<Own> lacking =
        settings(e.source().connection()).stream()
            .filter(own -> roles.contains(own.role()) && !there.contains(own))
            .toList();
    if (!lacking.isEmpty()) {
      List<String> names = lacking.stream().map(Own::name).toList();
      e.found(
          Severity.WARNS,
          names,
          "Set for roles on the source, not on the target: " + Names.some(names),
          lacking.stream().map(own -> own.remedy(e)).toList());
    }
  }
}
