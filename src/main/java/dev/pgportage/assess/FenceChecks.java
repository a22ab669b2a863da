package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.config.MigrationConfig.Cutover.Fence;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.profile.Profiles;
import java.sql.SQLException;
import java.util.List;

/** Whether the writers on the source can be stopped at cutover. */
final class FenceChecks {
  private static final String EXTERNAL =
      "stop the application yourself and set cutover.fence: external";

  private static final int READ_ONLY_LARGE_OBJECTS = 16;

  private FenceChecks() {}

  static final Check OWNER =
      Check.named("fence-owner", "Privilege to Make the Source Read-Only", Side.SOURCE)
          .when(Scope.MAKES_READ_ONLY)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes("The role has the privileges of the source database's owner.")
          .why(
              "The fence is ALTER DATABASE … SET default_transaction_read_only, the owner's right.")
          .fix("`GRANT <database owner> TO <migration role>`, or `cutover.fence: external`.")
          .by(FenceChecks::owner);

  static final Check SIGNAL =
      Check.named("fence-signal", "Privilege to End the Source's Sessions", Side.SOURCE)
          .when(Scope.FENCES)
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes(
              "The role is a member of pg_signal_backend, or has the privileges of every role that"
                  + " may log in to the source's database and is no superuser.")
          .why("A session that began before the fence may write on until it is ended.")
          .fix("`GRANT pg_signal_backend TO <migration role>`, or `cutover.fence: external`.")
          .by(FenceChecks::signal);

  static final Check VISIBILITY =
      Check.named("fence-visibility", "Privilege to See the Source's Sessions", Side.SOURCE)
          .when(Scope.FENCES)
          .worst(Severity.WARNS)
          .passes(
              "The role is a member of pg_read_all_stats, or has the privileges of every role that"
                  + " may log in to the source's database.")
          .why(
              "PostgreSQL hides what kind of session another role has: background workers and WAL"
                  + " senders then count as clients, which are ended or, if that is not allowed,"
                  + " keep the fence from being raised.")
          .fix("`GRANT pg_read_all_stats TO <migration role>`")
          .by(FenceChecks::visibility);

  static final Check OVERRIDES =
      Check.named("fence-overrides", "Settings That Defeat the Fence", Side.SOURCE)
          .when(Scope.MAKES_READ_ONLY)
          .code(ErrorCode.FENCE_BREACHED)
          .passes("No role has `default_transaction_read_only = off` as a setting of its own.")
          .why("A role's setting wins over the database's: such a role could write on.")
          .fix("`ALTER ROLE … RESET default_transaction_read_only`, or `cutover.fence: external`.")
          .by(FenceChecks::overrides);

  static final Check WRITERS =
      Check.named("fence-writers", "Writers That No Setting Stops", Side.SOURCE)
          .when(Scope.FENCES)
          .code(ErrorCode.FENCE_FAILED)
          .passes("The source's database has no enabled subscription and no login event trigger.")
          .why(
              "A subscription's worker writes whatever the database's setting is; a login event"
                  + " trigger that writes would fail, and keep everybody out behind the fence.")
          .fix(
              "`ALTER SUBSCRIPTION … DISABLE`, `ALTER EVENT TRIGGER … DISABLE` before the cutover,"
                  + " or `cutover.fence: external`.")
          .by(FenceChecks::writers);

  static final Check SUPERUSERS =
      Check.named("fence-superusers", "Sessions of Superusers", Side.SOURCE)
          .when(Scope.FENCES)
          .worst(Severity.WARNS)
          .passes("No superuser has a session in the source's database.")
          .why(
              "Only a superuser can end such a session; while one is there no fence is raised and the"
                  + " cutover fails.")
          .fix("Let no application log in as a superuser; end its sessions before the cutover.")
          .by(FenceChecks::superusers);

  /** Source: release notes of PostgreSQL 16, "Disallow writes to large objects in read-only". */
  static final Check LARGE_OBJECTS =
      Check.named("fence-large-objects", "Writers of Large Objects", Side.SOURCE)
          .when(Scope.MAKES_READ_ONLY)
          .worst(Severity.WARNS)
          .passes("The source is PostgreSQL 16 or newer, or no large object is carried.")
          .why(
              "Before PostgreSQL 16 a read-only transaction may write large objects: what an"
                  + " application writes to them, and to nothing else, behind the fence is lost,"
                  + " or, if it is seen at it, fails the cutover.")
          .fix(
              "`cutover.fence: roles`, or stop what writes large objects before the cutover"
                  + " (`cutover.fence: external` for all writers).")
          .by(FenceChecks::largeObjects);

  private static void largeObjects(Examination e) throws SQLException {
    if (e.objects().largeObjects()
        && !e.session().version().isAtLeast(READ_ONLY_LARGE_OBJECTS)
        && ReadingChecks.LargeObjects.of(e.connection()).count() > 0) {
      e.found(
          Severity.WARNS,
          List.of("pg_largeobject"),
          "A read-only database does not stop writers of large objects before PostgreSQL "
              + READ_ONLY_LARGE_OBJECTS,
          "Set cutover.fence: roles, or stop what writes large objects before the cutover.");
    }
  }

  private static void owner(Examination e) throws SQLException {
    Sql.queryText(
            e.connection(),
            """
            SELECT r.rolname FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba
            WHERE datname = current_database() AND NOT pg_has_role(datdba, 'USAGE')
            """)
        .ifPresent(
            owner ->
                e.found(
                    Severity.BLOCKS,
                    List.of(e.session().name()),
                    "The role %s does not have the privileges of %s, the owner of database %s"
                        .formatted(e.roleSql(), Quoting.identifier(owner), e.databaseSql()),
                    List.of(e.grant(Quoting.identifier(owner)).noting("or " + EXTERNAL))));
  }

  private static void signal(Examination e) throws SQLException {
    List<String> others = rolesOfOthers(e, "pg_signal_backend");
    if (!others.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          others,
          "The role %s may not end sessions of %s".formatted(e.roleSql(), Names.some(others)),
          List.of(e.grant("pg_signal_backend").noting("or " + EXTERNAL)));
    }
  }

  private static void visibility(Examination e) throws SQLException {
    List<String> others = rolesOfOthers(e, "pg_read_all_stats");
    if (!others.isEmpty()) {
      e.found(
          Severity.WARNS,
          others,
          "The role %s does not see what sessions of %s are"
              .formatted(e.roleSql(), Names.some(others)),
          List.of(e.grant("pg_read_all_stats")));
    }
  }

  /** Roles that may connect and whose sessions are beyond the role, unless it has a privilege. */
  private static List<String> rolesOfOthers(Examination e, String privilege) throws SQLException {
    if (e.hasPrivilegesOf(privilege)) {
      return List.of();
    }
    List<String> others =
        e.texts(
            """
            SELECT rolname FROM pg_roles
            WHERE rolcanlogin AND NOT rolsuper AND NOT pg_has_role(oid, 'USAGE')
              AND has_database_privilege(oid, current_database(), 'CONNECT')
            ORDER BY 1
            """);
    List<String> named = e.config().cutover().roles();
    return named.isEmpty() ? others : others.stream().filter(named::contains).toList();
  }

  private static void overrides(Examination e) throws SQLException {
    record OwnSetting(String role, boolean everywhere) {}
    List<OwnSetting> overrides =
        Sql.query(
            e.connection(),
            """
            SELECT r.rolname, s.setdatabase = 0
            FROM pg_db_role_setting s JOIN pg_roles r ON r.oid = s.setrole AND r.rolcanlogin
            CROSS JOIN LATERAL unnest(s.setconfig) AS setting
            WHERE CASE WHEN lower(split_part(setting, '=', 1)) = 'default_transaction_read_only'
                THEN NOT split_part(setting, '=', 2)::bool ELSE false END
              AND (s.setdatabase = 0
                   OR s.setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database()))
            ORDER BY 1, 2
            """,
            row -> new OwnSetting(row.getString(1), row.getBoolean(2)));
    if (!overrides.isEmpty()) {
      List<String> roles = overrides.stream().map(OwnSetting::role).distinct().toList();
      e.found(
          Severity.BLOCKS,
          roles,
          "default_transaction_read_only is off by the role's own setting: " + Names.some(roles),
          overrides.stream()
              .map(
                  o ->
                      e.remedy(
                          Order.SETTINGS,
                          "ALTER ROLE %s%s RESET default_transaction_read_only;"
                              .formatted(
                                  Quoting.identifier(o.role()),
                                  o.everywhere() ? "" : " IN DATABASE " + e.databaseSql())))
              .toList());
    }
  }

  private static void writers(Examination e) throws SQLException {
    List<String> disabling =
        e.texts(
            """
            SELECT format('ALTER SUBSCRIPTION %I DISABLE;', subname) FROM pg_subscription
            WHERE subenabled
              AND subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            UNION ALL
            SELECT format('ALTER EVENT TRIGGER %I DISABLE;', evtname) FROM pg_event_trigger
            WHERE evtevent = 'login' AND evtenabled IN ('O', 'A') AND ?
            ORDER BY 1
            """,
            e.config().cutover().fence() == Fence.DATABASE);
    if (!disabling.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          disabling,
          "Subscriptions or login event triggers of the source's database are enabled",
          disabling.stream()
              .map(sql -> e.remedy(Order.REPLICATION, sql).noting("before the cutover"))
              .toList());
    }
  }

  private static void superusers(Examination e) throws SQLException {
    List<String> sessions =
        e.texts(
            """
            SELECT format('pid %s (%I)', a.pid, r.rolname)
            FROM pg_stat_activity a JOIN pg_roles r ON r.oid = a.usesysid
            WHERE a.datname = current_database() AND r.rolsuper AND a.pid <> pg_backend_pid()
              AND coalesce(a.backend_type, 'client backend') = 'client backend'
              AND NOT pg_has_role(r.oid, 'USAGE') AND NOT\s
            """
                + Profiles.superuserSql("r.rolname")
                + " ORDER BY a.pid");
    if (!sessions.isEmpty()) {
      e.found(
          Severity.WARNS,
          sessions,
          "Superusers are connected: " + Names.some(sessions),
          "End them before the cutover, as a superuser: SELECT pg_terminate_backend(<pid>);");
    }
  }
}
