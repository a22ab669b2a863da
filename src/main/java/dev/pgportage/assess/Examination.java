package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.ObjectSet;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** One check at work on one database: what it may look at, and where its findings go. */
final class Examination {
  private final Check check;
  private final Side side;
  private final AssessmentContext context;
  private final Subjects subjects;
  private final List<Finding> findings = new ArrayList<>();
  private boolean unknown;

  Examination(Check check, Side side, AssessmentContext context, Subjects subjects) {
    this.check = check;
    this.side = side;
    this.context = context;
    this.subjects = subjects;
  }

  /** The database asked. */
  Side side() {
    return side;
  }

  /** The session in the database asked. */
  Session session() {
    return side == Side.SOURCE ? source() : target();
  }

  /** The connection to the database asked. */
  Connection connection() {
    return session().connection();
  }

  Session source() {
    return subjects.source();
  }

  Session target() {
    return subjects.target();
  }

  /** The plan of the schema; begun before the first check. */
  SchemaDraft schemaDraft() {
    return subjects.schemaDraft();
  }

  AssessmentContext context() {
    return context;
  }

  MigrationConfig config() {
    return context.config();
  }

  ObjectSet objects() {
    return context.objects();
  }

  /** The OIDs of the migration's tables on the source. */
  List<Long> tableOids() {
    return objects().tables().stream().map(member -> member.table().oid()).toList();
  }

  /** The role asking, quoted for SQL. */
  String roleSql() {
    return Quoting.identifier(session().role());
  }

  /** The database asked, quoted for SQL. */
  String databaseSql() {
    return Quoting.identifier(session().name());
  }

  /** A setting of the database asked as SHOW prints it; empty if the server does not know it. */
  Optional<String> setting(String name) throws SQLException {
    return Sql.queryText(connection(), "SELECT current_setting(?, true)", name);
  }

  /** A setting in its own unit, as pg_settings holds it; empty if the server does not know it. */
  Optional<Long> number(String name) throws SQLException {
    return Sql.queryFirst(
        connection(),
        "SELECT setting::bigint FROM pg_settings WHERE name = ?",
        row -> row.getLong(1),
        name);
  }

  /** Whether the role asking has the privileges of another, if that one exists. */
  boolean hasPrivilegesOf(String role) throws SQLException {
    return holds(
        """
        SELECT coalesce((SELECT pg_has_role(oid, 'USAGE') FROM pg_roles WHERE rolname = ?), false)
        """,
        role);
  }

  /** The only value of a query of the database asked, as a condition. */
  boolean holds(String sql, Object... parameters) throws SQLException {
    return Sql.queryFirst(connection(), sql, row -> row.getBoolean(1), parameters).orElse(false);
  }

  /** The first column of a query of the database asked. */
  List<String> texts(String sql, Object... parameters) throws SQLException {
    return Sql.query(connection(), sql, row -> row.getString(1), parameters);
  }

  /** A statement for the database asked. */
  Remedy remedy(Remedy.Order order, String sql) {
    return Remedy.of(side, order, sql);
  }

  /** A privilege for the role asking. */
  Remedy grant(String privilege) {
    return remedy(Remedy.Order.PRIVILEGES, "GRANT " + privilege + " TO " + roleSql() + ";");
  }

  /** Adds one finding of the worst severity with all objects, if there are any. */
  void foundAll(String start, List<String> objects) {
    if (!objects.isEmpty()) {
      String fix = check.fix().replace("`", "");
      found(check.worst(), objects, start + Names.some(objects), fix);
    }
  }

  /** Adds a finding that no statement mends, with the check's own code. */
  void found(Severity severity, Collection<String> objects, String what, String fix) {
    found(severity, check.code(), objects, what, fix);
  }

  /** Adds a finding that no statement mends. */
  void found(
      Severity severity, ErrorCode code, Collection<String> objects, String what, String fix) {
    add(severity, code, objects, what, fix, List.of());
  }

  /** Adds a finding with the statements that mend it and the check's own code. */
  void found(Severity severity, Collection<String> objects, String what, List<Remedy> remedies) {
    found(severity, check.code(), objects, what, remedies);
  }

  /** Adds a finding with the statements that mend it. */
  void found(
      Severity severity,
      ErrorCode code,
      Collection<String> objects,
      String what,
      List<Remedy> remedies) {
    String fix = remedies.stream().map(Remedy::text).collect(Collectors.joining("\n"));
    add(severity, code, objects, what, fix, remedies);
  }

  private void add(
      Severity severity,
      ErrorCode code,
      Collection<String> objects,
      String what,
      String fix,
      List<Remedy> remedies) {
    findings.add(
        new Finding(
            check.id(),
            check.title(),
            severity,
            side,
            List.copyOf(objects),
            what,
            check.why(),
            fix,
            remedies,
            code));
  }

  /** Notes that the check could not look: a finding as bad as the worst it could have found. */
  void unknown(String reason, String fix) {
    unknown = true;
    found(check.worst(), List.of(), "Could not be checked: " + reason, fix);
  }

  /** The same, where a statement makes it possible to look. */
  void unknown(String reason, Remedy remedy) {
    unknown = true;
    found(check.worst(), List.of(), "Could not be checked: " + reason, List.of(remedy));
  }

  List<Finding> findings() {
    return findings;
  }

  boolean isUnknown() {
    return unknown;
  }
}
