package dev.pgportage.assess;

import dev.pgportage.assess.Finding.Severity;
import dev.pgportage.assess.Remedy.Order;
import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import dev.pgportage.pg.Side;
import dev.pgportage.pg.Sql;
import dev.pgportage.schema.Sequence;
import java.math.BigInteger;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Objects of the source beside plain tables that deserve a word. */
final class SourceObjectChecks {
  private SourceObjectChecks() {}

  static final Check RULES =
      Check.named("rules", "Rules on Tables", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("No table has a rule.")
          .why("Rules would rewrite what is copied and replicated: they are enabled at cutover.")
          .fix("Nothing to do.")
          .by(
              e ->
                  inform(
                      e,
                      Severity.INFORMS,
                      """
                      SELECT format('%I.%I.%I', n.nspname, c.relname, r.rulename)
                      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
                      JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.oid = ANY (?::oid[]) ORDER BY 1
                      """,
                      "Rules: ",
                      "Nothing to do."));

  static final Check EVENT_TRIGGERS =
      Check.named("event-triggers", "Event Triggers", Side.SOURCE, Side.TARGET)
          .dms("postgres-check-ddl-event-trigger")
          .worst(Severity.WARNS)
          .passes("Neither database has an event trigger that is enabled.")
          .why(
              "Those of the source are not carried (making one takes a superuser); those of the"
                  + " target fire on the schema's statements.")
          .fix(
              "Create them on the target after the cutover; `ALTER EVENT TRIGGER … DISABLE` there.")
          .by(
              e ->
                  list(
                      e,
                      Severity.WARNS,
                      """
                      SELECT quote_ident(evtname) FROM pg_event_trigger t
                      WHERE evtenabled <> 'D' AND NOT EXISTS (
                        SELECT FROM pg_depend d WHERE d.classid = 'pg_event_trigger'::regclass
                          AND d.objid = t.oid AND d.deptype = 'e') ORDER BY 1
                      """,
                      "Event triggers: ",
                      e.side() == Side.SOURCE
                          ? "Create them on the target after the cutover, as a role that may."
                          : "ALTER EVENT TRIGGER … DISABLE; -- until the cutover"));

  static final Check FOREIGN_TABLES =
      Check.named("foreign-tables", "Foreign Tables", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("There is no foreign table.")
          .why(
              "Their rows lie elsewhere and are not copied; the target must reach that server, and"
                  + " user mappings are not carried.")
          .fix("Create server, user mappings and foreign tables on the target by hand.")
          .by(
              e ->
                  list(
                      e,
                      Severity.WARNS,
                      """
                      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_foreign_table f
                      JOIN pg_class c ON c.oid = f.ftrelid
                      JOIN pg_namespace n ON n.oid = c.relnamespace ORDER BY 1
                      """,
                      "Foreign tables: ",
                      "See that the target reaches their server; create user mappings there."));

  static final Check MATVIEWS =
      Check.named("materialized-views", "Materialized Views", Side.SOURCE)
          .when(Scope.MANAGED)
          .worst(Severity.INFORMS)
          .passes("There is no materialized view.")
          .why("They are refreshed on the target when its rows are there, not copied.")
          .fix("Nothing to do; refresh them again after the cutover if they must be fresh.")
          .by(
              e ->
                  list(
                      e,
                      Severity.INFORMS,
                      """
                      SELECT format('%I.%I', n.nspname, c.relname) FROM pg_class c
                      JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.relkind = 'm' AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1
                      """,
                      "Materialized views: ",
                      "Nothing to do."));

  static final Check INVALID_INDEXES =
      Check.named("invalid-indexes", "Invalid Indexes", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes("Every index is valid.")
          .why(
              "An invalid index (a CREATE INDEX CONCURRENTLY that failed) is not carried; a unique"
                  + " one does not guarantee anything.")
          .fix("`REINDEX INDEX CONCURRENTLY …`, or `DROP INDEX …`.")
          .by(
              e ->
                  inform(
                      e,
                      Severity.WARNS,
                      """
                      SELECT format('%I.%I', n.nspname, i.relname) FROM pg_index x
                      JOIN pg_class i ON i.oid = x.indexrelid
                      JOIN pg_namespace n ON n.oid = i.relnamespace
                      WHERE x.indrelid = ANY (?::oid[]) AND NOT (x.indisvalid AND x.indisready)
                      ORDER BY 1
                      """,
                      "Invalid indexes: ",
                      "REINDEX INDEX CONCURRENTLY …; -- or DROP INDEX …"));

  static final Check NOT_VALID =
      Check.named("not-valid-constraints", "Constraints That Were Never Validated", Side.SOURCE)
          .worst(Severity.INFORMS)
          .passes("Every constraint is validated.")
          .why("Rows may violate them; they stay NOT VALID on the target.")
          .fix("`ALTER TABLE … VALIDATE CONSTRAINT …` if the rows satisfy it.")
          .by(
              e ->
                  inform(
                      e,
                      Severity.INFORMS,
                      """
                      SELECT format('%I.%I.%I', n.nspname, c.relname, k.conname)
                      FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                      JOIN pg_namespace n ON n.oid = c.relnamespace
                      WHERE c.oid = ANY (?::oid[]) AND NOT k.convalidated ORDER BY 1
                      """,
                      "NOT VALID: ",
                      "ALTER TABLE … VALIDATE CONSTRAINT …; -- if the rows satisfy it"));

  static final Check SEQUENCES =
      Check.named("sequence-headroom", "Sequences Near Their End", Side.SOURCE)
          .worst(Severity.WARNS)
          .passes(
              "Every sequence that does not cycle has room for `cutover.sequence_headroom` values"
                  + " more, and has used less than nine tenths of its range.")
          .why("At its end a sequence fails every INSERT; at cutover it is set ahead as well.")
          .fix("`ALTER SEQUENCE … AS bigint` together with its column, or lower the headroom.")
          .by(SourceObjectChecks::sequences);

  private static void inform(Examination e, Severity severity, String sql, String start, String fix)
      throws SQLException {
    List<Long> oids = e.objects().tables().stream().map(m -> m.table().oid()).toList();
    add(e, severity, e.texts(sql, Names.array(oids)), start, fix);
  }

  private static void list(Examination e, Severity severity, String sql, String start, String fix)
      throws SQLException {
    add(e, severity, e.texts(sql), start, fix);
  }

  private static void add(
      Examination e, Severity severity, List<String> names, String start, String fix) {
    if (!names.isEmpty()) {
      e.found(severity, names, start + Names.some(names), fix);
    }
  }

  private static void sequences(Examination e) throws SQLException {
    Map<QualifiedName, Long> values = lastValues(e);
    List<String> unknown =
        e.objects().sequences().stream()
            .map(Sequence::name)
            .filter(name -> !values.containsKey(name))
            .map(QualifiedName::toString)
            .toList();
    for (Sequence sequence : e.objects().sequences()) {
      Long value = values.get(sequence.name());
      if (value != null && !sequence.cycle() && nearEnd(sequence, value, headroom(e))) {
        e.found(
            Severity.WARNS,
            List.of(sequence.name().toString()),
            "Sequence %s stands at %d; its end is %d"
                .formatted(
                    sequence.name(),
                    value,
                    sequence.increment() > 0 ? sequence.max() : sequence.min()),
            List.of(
                e.remedy(Order.OBJECTS, widening(sequence))
                    .noting("changing a column's type writes its table anew, locked")));
      }
    }
    if (!unknown.isEmpty()) {
      e.unknown(
          "the role may not read " + Names.some(unknown),
          "GRANT SELECT ON SEQUENCE … TO " + e.roleSql() + ";");
    }
  }

  private static String widening(Sequence sequence) {
    return "ALTER SEQUENCE %s AS bigint;%s"
        .formatted(
            sequence.name().sql(),
            sequence
                .owner()
                .map(
                    owner ->
                        " ALTER TABLE %s ALTER COLUMN %s TYPE bigint;"
                            .formatted(owner.table().sql(), Quoting.identifier(owner.column())))
                .orElse(""));
  }

  private static long headroom(Examination e) {
    return e.config().type().replicates() ? e.config().cutover().sequenceHeadroom() : 0;
  }

  /** Where the sequences stand that the role may read. */
  private static Map<QualifiedName, Long> lastValues(Examination e) throws SQLException {
    NameArrays names = NameArrays.of(e.objects().sequences().stream().map(Sequence::name).toList());
    var values = new HashMap<QualifiedName, Long>();
    Sql.query(
        e.connection(),
        """
        SELECT n.nspname, c.relname, coalesce(pg_sequence_last_value(c.oid), s.seqstart)
        FROM unnest(?::text[], ?::text[]) AS w (schema, name)
        JOIN pg_namespace n ON n.nspname = w.schema
        JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = w.name
        JOIN pg_sequence s ON s.seqrelid = c.oid
        WHERE CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT, USAGE') END
        """,
        row -> values.put(new QualifiedName(row.getString(1), row.getString(2)), row.getLong(3)),
        names.schemas(e.connection()),
        names.names(e.connection()));
    return values;
  }

  /** Whether less than a tenth of the range, or less than the headroom, is left. */
  static boolean nearEnd(Sequence sequence, long value, long headroom) {
    BigInteger max = BigInteger.valueOf(sequence.max());
    BigInteger min = BigInteger.valueOf(sequence.min());
    BigInteger at = BigInteger.valueOf(value);
    BigInteger left = sequence.increment() > 0 ? max.subtract(at) : at.subtract(min);
    BigInteger ahead =
        BigInteger.valueOf(Math.abs(sequence.increment())).multiply(BigInteger.valueOf(headroom));
    return left.compareTo(ahead) < 0
        || left.multiply(BigInteger.TEN).compareTo(max.subtract(min)) < 0;
  }
}
