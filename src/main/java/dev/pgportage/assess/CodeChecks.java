package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.pg.Side;
import dev.pgportage.profile.Profiles;
import java.sql.SQLException;
import java.util.List;

/** What the database's own code relies on that the target may not give it. */
final class CodeChecks {
  /** What calls something that matches a pattern, outside of extensions. */
  private static final String CALLERS =
      """
      WITH ours AS (
        SELECT n.oid, n.nspname FROM pg_namespace n
        WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
      ), code AS (
        SELECT p.oid::regprocedure::text AS name, p.prosrc AS body, 'pg_proc'::regclass AS class,
               p.oid
        FROM pg_proc p JOIN ours n ON n.oid = p.pronamespace
        JOIN pg_language l ON l.oid = p.prolang
        WHERE l.lanname NOT IN ('internal', 'c') AND p.prokind <> 'a'
        UNION ALL
        SELECT format('%I.%I', n.nspname, c.relname), pg_get_viewdef(c.oid),
               'pg_class'::regclass, c.oid
        FROM pg_class c JOIN ours n ON n.oid = c.relnamespace
        WHERE c.relkind IN ('v', 'm')
        UNION ALL
        SELECT format('%I.%I.%I', n.nspname, c.relname, a.attname),
               pg_get_expr(d.adbin, d.adrelid), 'pg_class'::regclass, c.oid
        FROM pg_attrdef d JOIN pg_class c ON c.oid = d.adrelid
        JOIN ours n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = d.adnum
        UNION ALL
        SELECT format('policy %I on %I.%I', p.polname, n.nspname, c.relname),
               concat(pg_get_expr(p.polqual, c.oid), ' ', pg_get_expr(p.polwithcheck, c.oid)),
               'pg_class'::regclass, c.oid
        FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        JOIN ours n ON n.oid = c.relnamespace
      )
      SELECT DISTINCT code.name FROM code
      WHERE code.body ~* ?
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = code.class
                        AND x.objid = code.oid AND x.deptype = 'e')
      ORDER BY 1
      """;

  private CodeChecks() {}

  static final Check SECURITY_DEFINER =
      Check.named("security-definer", "SECURITY DEFINER Functions", Side.SOURCE)
          .when(Scope.DROPS_OWNERS)
          .worst(Severity.WARNS)
          .passes("No function outside of extensions is SECURITY DEFINER.")
          .why(
              "Such a function runs with its owner's rights, and its owner on the target is the"
                  + " migration's role: it may do more, or less, than on the source.")
          .fix("Set `schema.owners: keep`, or `ALTER FUNCTION … OWNER TO …` after the cutover.")
          .lists(
              "SECURITY DEFINER: ",
              """
              SELECT p.oid::regprocedure::text
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
              WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass
                                AND x.objid = p.oid AND x.deptype = 'e')
              ORDER BY 1
              """);

  static final Check SEARCH_PATH =
      Check.named("search-path", "Functions That Rely on search_path", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes(
              "Every function in an index's expression, a CHECK constraint or a generated column"
                  + " that is written in SQL or PL/pgSQL sets its own search_path.")
          .why(
              "Rows are loaded and indexes built with search_path = pg_catalog, as pg_restore does:"
                  + " a body that names its tables or functions without their schema fails there.")
          .fix("`ALTER FUNCTION … SET search_path = …` on the source.")
          .listsOfTables(
              "Without a search_path of their own: ",
              """
              SELECT DISTINCT p.oid::regprocedure::text
              FROM pg_depend d JOIN pg_proc p ON p.oid = d.refobjid
              JOIN pg_language l ON l.oid = p.prolang AND l.lanname IN ('sql', 'plpgsql')
              JOIN pg_namespace n ON n.oid = p.pronamespace
              LEFT JOIN pg_index i ON d.classid = 'pg_class'::regclass AND i.indexrelid = d.objid
              LEFT JOIN pg_constraint k
                ON d.classid = 'pg_constraint'::regclass AND k.oid = d.objid AND k.contype = 'c'
              LEFT JOIN pg_attrdef f ON d.classid = 'pg_attrdef'::regclass AND f.oid = d.objid
                AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = f.adrelid
                            AND a.attnum = f.adnum AND a.attgenerated <> '')
              WHERE d.refclassid = 'pg_proc'::regclass
                AND coalesce(i.indrelid, k.conrelid, f.adrelid) = ANY (?::oid[])
                AND n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND to_jsonb(p) ->> 'prosqlbody' IS NULL
                AND NOT coalesce(array_to_string(p.proconfig, ' '), '') ~ '(^| )search_path='
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass
                                AND x.objid = p.oid AND x.deptype = 'e')
              ORDER BY 1
              """);

  static final Check SESSION_FEATURES =
      Check.named("session-features", "Code That Relies on Sessions", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No function takes advisory locks, listens, notifies, or prepares transactions.")
          .why(
              "What waits or is locked on the source is not waiting on the target: listeners must"
                  + " connect anew, locks are not carried.")
          .fix("See that the application takes its locks and listens again after the cutover.")
          .lists(
              "Advisory locks, LISTEN, NOTIFY or two-phase commit in ",
              """
              SELECT p.oid::regprocedure::text
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
              JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
              WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND p.prosrc ~* '\\m(pg_(try_)?advisory_\\w+|pg_notify|listen|notify|prepare\\s+transaction)\\M'
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass
                                AND x.objid = p.oid AND x.deptype = 'e')
              ORDER BY 1
              """);

  static final Check SYSTEM_COLUMNS =
      Check.named("system-columns", "Code That Uses System Columns", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No view and no function names ctid, xmin, xmax, cmin, cmax or tableoid.")
          .why(
              "These say where and when a row was written on this server; on the target they are"
                  + " others, and begin anew.")
          .fix("See that nothing was stored that compares with them.")
          .lists(
              "System columns in ",
              """
              SELECT format('%I.%I', n.nspname, c.relname)
              FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class AND c.relkind IN ('v', 'm')
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
                AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid < 0
              WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass
                                AND x.objid = c.oid AND x.deptype = 'e')
              UNION
              SELECT p.oid::regprocedure::text
              FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
              JOIN pg_language l ON l.oid = p.prolang AND l.lanname NOT IN ('internal', 'c')
              WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
                AND p.prosrc ~* '\\m(ctid|xmin|xmax|cmin|cmax|tableoid)\\M'
                AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_proc'::regclass
                                AND x.objid = p.oid AND x.deptype = 'e')
              ORDER BY 1
              """);

  static final Check PROVIDER_CALLS =
      Check.named("provider-calls", "Calls of a Provider's Own Functions", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes(
              "No function, view, default or policy calls a function that only the source's"
                  + " provider has (aws_s3, aws_lambda, apg_plan_mgmt, aurora_…, rds_…).")
          .why(
              "On the target that function is not there: views fail to be made, calls at run time.")
          .fix("Replace the call in the application before the cutover.")
          .by(CodeChecks::providerCalls);

  static final Check TRIGGERS =
      Check.named("triggers", "Triggers", Side.SOURCE)
          .when(Scope.MANAGED)
          .worst(Severity.INFORMS)
          .passes("No table has a trigger of the user's.")
          .why(
              "They have fired on the source already: on the target they rest until the cutover opens"
                  + " it, in the mode they have on the source.")
          .fix("Nothing to do.")
          .listsOfTables(
              "Triggers that rest until the cutover: ",
              """
              SELECT format('%I.%I.%I', n.nspname, c.relname, t.tgname)
              FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              WHERE NOT t.tgisinternal AND c.oid = ANY (?::oid[]) AND NOT c.relispartition
              ORDER BY 1
              """);

  private static void providerCalls(Examination e) throws SQLException {
    List<String> calls =
        Profiles.all().stream()
            .filter(profile -> !profile.equals(e.target().profile()))
            .flatMap(profile -> profile.calls().stream())
            .distinct()
            .toList();
    List<String> callers = e.texts(CALLERS, "\\m(" + String.join("|", calls) + ")\\s*\\(");
    if (!callers.isEmpty()) {
      e.found(
          Severity.WARNS,
          callers,
          "Calls of a provider's own functions in " + Names.some(callers),
          "Replace the call in the application before the cutover.");
    }
  }
}
