package dev.pgportage.load;

import dev.pgportage.schema.Column;
import dev.pgportage.schema.Table;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How rows are written on the wire between the two servers. Source: PostgreSQL manual, "COPY",
 * "File Formats".
 */
enum CopyFormat {
  /** Every type's own binary form: no conversion on either side. */
  BINARY,
  /** Text: exact for every type, also where OIDs and versions differ. */
  TEXT;

  /**
   * The types whose binary form has been the same in PostgreSQL 12 to 18 and means the same on any
   * server. Left out on purpose: user types (arrays, composites and ranges hold their OIDs), reg*
   * (an OID of the other server), xml (its binary form carries an encoding declaration that the
   * stored value has not), tsquery (an empty one cannot be read back), jsonpath (a version byte
   * meant to change), rows of catalogs, and types without a binary form such as aclitem.
   */
  private static final Set<String> STABLE =
      Set.of(
          "boolean",
          "bytea",
          "\"char\"",
          "name",
          "bigint",
          "smallint",
          "integer",
          "text",
          "oid",
          "tid",
          "xid",
          "xid8",
          "cid",
          "json",
          "jsonb",
          "point",
          "lseg",
          "path",
          "box",
          "polygon",
          "line",
          "circle",
          "real",
          "double precision",
          "money",
          "macaddr",
          "macaddr8",
          "inet",
          "cidr",
          "character",
          "bpchar",
          "character varying",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "interval",
          "bit",
          "bit varying",
          "numeric",
          "uuid",
          "tsvector",
          "pg_lsn",
          "int4range",
          "int8range",
          "numrange",
          "tsrange",
          "tstzrange",
          "daterange",
          "int4multirange",
          "int8multirange",
          "nummultirange",
          "tsmultirange",
          "tstzmultirange",
          "datemultirange");

  private static final Pattern MODIFIER = Pattern.compile("\\([^)]*\\)|(\\[\\])+$");
  private static final Pattern INTERVAL = Pattern.compile("^interval .*");

  /**
   * The fastest format that is exact for a table.
   *
   * <p>A newer source may write what an older target would read as something else (an infinite
   * interval of 17 is a finite one to 16): then text, which the target refuses instead.
   *
   * @param target the target's columns with their types as {@code format_type} prints them
   */
  static CopyFormat of(Table table, Map<String, String> target, int sourceMajor, int targetMajor) {
    boolean binary =
        targetMajor >= sourceMajor
            && !table.writtenColumns().isEmpty()
            && table.writtenColumns().stream().allMatch(column -> isStable(column, target));
    return binary ? BINARY : TEXT;
  }

  private static boolean isStable(Column column, Map<String, String> target) {
    String type = baseOf(column.type());
    String other = target.getOrDefault(column.name(), "");
    return column.builtIn()
        && STABLE.contains(type)
        && type.equals(baseOf(other))
        && column.type().endsWith("[]") == other.endsWith("[]");
  }

  private static String baseOf(String type) {
    String plain = MODIFIER.matcher(type).replaceAll("");
    return INTERVAL.matcher(plain).matches() ? "interval" : plain;
  }
}
