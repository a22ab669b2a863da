package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.config.MigrationConfig.Schema.Mode;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.pg.SqlFailures;
import dev.pgportage.schema.ObjectSet.Member;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Whether the target can take what comes. */
final class TargetChecks {
  private TargetChecks() {}

  static final Check PRIVILEGES =
      Check.named("target-privileges", "Target Database Privileges", Side.TARGET)
          .dms("postgres-check-target-privileges")
          .code(ErrorCode.PRIVILEGE_MISSING)
          .passes(
              "The role has CREATE and TEMPORARY on the database; with `schema.mode: managed`"
                  + " CREATE on schema public if the source uses it; otherwise USAGE on every"
                  + " schema, the privileges of every table's owner, and SELECT and UPDATE on every"
                  + " sequence.")
          .why(
              "The state, the schema, staging tables, rows and sequence values are written with"
                  + " this role; keys, triggers and foreign keys are a table owner's to change.")
          .fix("`GRANT CREATE, TEMPORARY ON DATABASE … TO <role>`, `GRANT <owner> TO <role>`.")
          .by(TargetChecks::privileges);

  static final Check REPLICA_ROLE =
      Check.named("session-replication-role", "Triggers Off by Session", Side.TARGET)
          .dms("postgres-check-session-replication-role")
          .worst(Severity.INFORMS)
          .passes("The role may `SET session_replication_role = replica`; tried and rolled back.")
          .why(
              "Without it foreign keys cannot be kept from checking replicated changes: they are"
                  + " added during the freeze and validated right after, not before READY.")
          .fix(
              "PostgreSQL 15 and newer: `GRANT SET ON PARAMETER session_replication_role TO"
                  + " <role>`; otherwise nothing to do.")
          .by(TargetChecks::replicaRole);

  static final Check READ_ONLY =
      Check.named("target-read-only", "Target's Read-Only Default", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("`default_transaction_read_only` is off on the target.")
          .why(
              "pgportage switches it off for its own sessions, but after the cutover the"
                  + " application's sessions could not write.")
          .fix("`ALTER DATABASE … RESET default_transaction_read_only`, or for the role or server.")
          .by(TargetChecks::readOnly);

  static final Check TABLES =
      Check.named("target-tables", "Tables on the Target", Side.TARGET)
          .when(Scope.EXISTING)
          .code(ErrorCode.SCHEMA_DIFFERS)
          .passes(
              "Every table and sequence of the migration exists on the target, and with"
                  + " `schema.mode: existing` no table holds rows yet if rows are to be copied.")
          .why("Rows need their table; copied rows would collide with rows already there.")
          .fix("Apply the source's schema to the target; empty the tables, or use `truncate`.")
          .by(TargetChecks::tables);

  static final Check TRIGGERS =
      Check.named("target-triggers", "Triggers That Fire on Replicated Rows", Side.TARGET)
          .when(Scope.EXISTING)
          .worst(Severity.INFORMS)
          .passes("No trigger of the migration's tables on the target is ENABLE ALWAYS or REPLICA.")
          .why(
              "Such triggers fire even for copied and replicated rows, so that their effects would"
                  + " come twice; pgportage disables them until the cutover.")
          .fix("Nothing to do.")
          .by(TargetChecks::triggers);

  static final Check SUBSCRIPTIONS =
      Check.named("target-subscriptions", "Other Replication Into the Target", Side.TARGET)
          .worst(Severity.WARNS)
          .passes("The target's database has no subscription.")
          .why("Whatever else writes to the migration's tables makes them differ from the source.")
          .fix("`ALTER SUBSCRIPTION … DISABLE` if it writes to the same tables.")
          .by(TargetChecks::subscriptions);

  private static void privileges(Examination e) throws SQLException {
    for (String privilege : List.of("CREATE", "TEMPORARY")) {
      if (!e.holds("SELECT has_database_privilege(current_database(), ?)", privilege)) {
        e.found(
            Severity.BLOCKS,
            List.of(e.session().name()),
            "The role %s has no %s on the target's database".formatted(e.roleSql(), privilege),
            List.of(e.grant(privilege + " ON DATABASE " + e.databaseSql())));
      }
    }
    if (e.config().schema().mode() == Mode.MANAGED) {
      publicSchema(e);
    } else {
      existingTables(e);
    }
  }

  private static void publicSchema(Examination e) throws SQLException {
    boolean used =
        e.objects().tables().stream().anyMatch(member -> member.name().schema().equals("public"));
    String mayCreate =
        """
        SELECT coalesce((SELECT has_schema_privilege(oid, 'CREATE') AND
                                has_schema_privilege(oid, 'USAGE')
                         FROM pg_namespace WHERE nspname = 'public'), true)
        """;
    if (used && !e.holds(mayCreate)) {
      e.found(
          Severity.BLOCKS,
          List.of("public"),
          "The role " + e.roleSql() + " may not create objects in schema public of the target",
          List.of(e.grant("USAGE, CREATE ON SCHEMA public")));
    }
  }

  private static void existingTables(Examination e) throws SQLException {
    NameArrays tables = NameArrays.of(e.objects().tables().stream().map(Member::name).toList());
    Connection target = e.connection();
    for (String schema :
        e.texts(
            """
            SELECT DISTINCT n.nspname FROM pg_namespace n
            WHERE n.nspname = ANY (?::text[]) AND NOT has_schema_privilege(n.oid, 'USAGE')
            ORDER BY 1
            """,
            tables.schemas(target))) {
      e.found(
          Severity.BLOCKS,
          List.of(Quoting.identifierIfNeeded(schema)),
          "The role %s has no USAGE on schema %s"
              .formatted(e.roleSql(), Quoting.identifier(schema)),
          List.of(e.grant("USAGE ON SCHEMA " + Quoting.identifier(schema))));
    }
    for (String owner :
        e.texts(
            """
            SELECT DISTINCT r.rolname FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
            JOIN pg_roles r ON r.oid = c.relowner
            WHERE NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1
            """,
            tables.schemas(target),
            tables.names(target))) {
      e.found(
          Severity.BLOCKS,
          List.of(Quoting.identifierIfNeeded(owner)),
          "The role %s does not have the privileges of %s, who owns tables of the migration"
              .formatted(e.roleSql(), Quoting.identifier(owner)),
          List.of(e.grant(Quoting.identifier(owner))));
    }
    sequences(e);
  }

  private static void sequences(Examination e) throws SQLException {
    NameArrays names =
        NameArrays.of(e.objects().sequences().stream().map(sequence -> sequence.name()).toList());
    List<QualifiedName> refused =
        Sql.query(
            e.connection(),
            """
            SELECT n.nspname, c.relname FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
            WHERE CASE WHEN c.relkind = 'S' THEN
                    NOT (has_sequence_privilege(c.oid, 'UPDATE')
                         AND has_sequence_privilege(c.oid, 'SELECT')) END
            ORDER BY 1, 2
            """,
            row -> new QualifiedName(row.getString(1), row.getString(2)),
            names.schemas(e.connection()),
            names.names(e.connection()));
    if (!refused.isEmpty()) {
      List<String> texts = refused.stream().map(QualifiedName::toString).toList();
      e.found(
          Severity.BLOCKS,
          texts,
          "The role %s may not set %s".formatted(e.roleSql(), Names.some(texts)),
          refused.stream()
              .map(name -> e.grant("SELECT, UPDATE ON SEQUENCE " + name.sql()))
              .toList());
    }
  }

  private static void replicaRole(Examination e) throws SQLException {
    Connection target = e.connection();
    target.setAutoCommit(false);
    try {
      Sql.execute(target, "SET LOCAL session_replication_role = 'replica'");
    } catch (SQLException refused) {
      String what =
          "The role %s may not set session_replication_role: %s"
              .formatted(e.roleSql(), SqlFailures.describe(refused));
      List<String> role = List.of(e.session().role());
      if (e.session().version().isAtLeast(15)) {
        List<Remedy> grant = List.of(e.grant("SET ON PARAMETER session_replication_role"));
        e.found(Severity.INFORMS, role, what, grant);
      } else {
        e.found(Severity.INFORMS, role, what, "Nothing to do: foreign keys come later.");
      }
    } finally {
      target.rollback();
      target.setAutoCommit(true);
    }
  }

  private static void readOnly(Examination e) throws SQLException {
    if (e.holds(
        "SELECT reset_val = 'on' FROM pg_settings WHERE name = 'default_transaction_read_only'")) {
      e.found(
          Severity.WARNS,
          List.of("default_transaction_read_only"),
          "Sessions on the target begin read-only",
          List.of(
              e.remedy(
                      Order.SETTINGS,
                      "ALTER DATABASE %s RESET default_transaction_read_only;"
                          .formatted(e.databaseSql()))
                  .noting("or ALTER ROLE, ALTER SYSTEM")));
    }
  }

  private static void tables(Examination e) throws SQLException {
    List<String> missing = new ArrayList<>(missing(e, "{r,p}", tableNames(e)));
    missing.addAll(missing(e, "{S}", e.objects().sequences().stream().map(s -> s.name()).toList()));
    if (!missing.isEmpty()) {
      e.found(
          Severity.BLOCKS,
          missing,
          "Missing on the target: " + Names.some(missing),
          "Apply the source's schema to the target (pg_dump --schema-only), or set schema.mode:"
              + " managed.");
    }
    if (e.config().schema().mode() == Mode.EXISTING
        && e.config().type().loads()
        && !e.context().begun()) {
      filled(e, missing);
    }
  }

  private static List<QualifiedName> tableNames(Examination e) {
    return e.objects().tables().stream().map(Member::name).toList();
  }

  private static List<String> missing(Examination e, String kinds, List<QualifiedName> wanted)
      throws SQLException {
    NameArrays names = NameArrays.of(wanted);
    return Sql.query(
        e.connection(),
        """
        SELECT w.schema, w.name FROM unnest(?::text[], ?::text[]) AS w (schema, name)
        WHERE NOT EXISTS (
          SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE n.nspname = w.schema AND c.relname = w.name AND c.relkind::text = ANY (?::text[]))
        """,
        row -> new QualifiedName(row.getString(1), row.getString(2)).toString(),
        names.schemas(e.connection()),
        names.names(e.connection()),
        kinds);
  }

  private static void filled(Examination e, List<String> missing) throws SQLException {
    var filled = new ArrayList<QualifiedName>();
    for (Member member : e.objects().rowHolders()) {
      if (!missing.contains(member.name().toString())
          && e.holds("SELECT EXISTS (SELECT FROM ONLY " + member.name().sql() + ")")) {
        filled.add(member.name());
      }
    }
    if (!filled.isEmpty()) {
      List<String> texts = filled.stream().map(QualifiedName::toString).toList();
      e.found(
          Severity.BLOCKS,
          ErrorCode.TARGET_NOT_EMPTY,
          texts,
          "Tables on the target hold rows: " + Names.some(texts),
          "TRUNCATE %s; -- or set schema.mode: truncate"
              .formatted(String.join(", ", filled.stream().map(QualifiedName::sql).toList())));
    }
  }

  private static void triggers(Examination e) throws SQLException {
    NameArrays names = NameArrays.of(tableNames(e));
    record Trigger(QualifiedName table, String name) {}
    List<Trigger> triggers =
        Sql.query(
            e.connection(),
            """
            SELECT n.nspname, c.relname, t.tgname
            FROM unnest(?::text[], ?::text[]) AS w (schema, name)
            JOIN pg_namespace n ON n.nspname = w.schema
            JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
            JOIN pg_trigger t ON t.tgrelid = c.oid
            WHERE NOT t.tgisinternal AND t.tgenabled IN ('A', 'R') ORDER BY 1, 2, 3
            """,
            row ->
                new Trigger(
                    new QualifiedName(row.getString(1), row.getString(2)), row.getString(3)),
            names.schemas(e.connection()),
            names.names(e.connection()));
    if (!triggers.isEmpty()) {
      List<String> texts =
          triggers.stream()
              .map(t -> t.table() + "." + Quoting.identifierIfNeeded(t.name()))
              .toList();
      e.found(
          Severity.INFORMS,
          texts,
          "ENABLE ALWAYS or REPLICA: " + Names.some(texts),
          "Nothing to do.");
    }
  }

  private static void subscriptions(Examination e) throws SQLException {
    List<String> names =
        e.texts(
            """
            SELECT subname FROM pg_subscription
            WHERE subenabled AND subdbid = (SELECT oid FROM pg_database
                                            WHERE datname = current_database())
            ORDER BY 1
            """);
    if (!names.isEmpty()) {
      e.found(
          Severity.WARNS,
          names,
          "Enabled subscriptions on the target: " + Names.some(names),
          names.stream()
              .map(Quoting::identifier)
              .map(name -> e.remedy(Order.REPLICATION, "ALTER SUBSCRIPTION " + name + " DISABLE;"))
              .toList());
    }
  }
}
