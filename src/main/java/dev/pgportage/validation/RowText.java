package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The canonical text of a row, as an SQL expression over a table called {@code t}: no two different
 * rows have the same.
 *
 * <p>Where both databases have the same encoding, it is the columns' texts with commas between
 * them. A number, a date and the like stands for itself, since its text has no comma and is never
 * empty; every other value has its length in bytes before it, -1 for NULL; a value of a type that
 * is not PostgreSQL's own is printed as a row, with quotes. {@code concat_ws} costs a third of
 * {@code ROW(…)::text}, which asks the catalogs for each row and looks at each character
 * (docs/adr/0008).
 *
 * <p>Lengths in bytes depend on the encoding, so where encodings differ it is {@code ROW(…)::text}:
 * quotes and backslashes doubled, NULL empty, an empty text {@code ""}.
 *
 * <p>Long texts and every bytea enter as their own digests, so that a row's text stays far from
 * PostgreSQL's limit of 1 GB. Source: PostgreSQL manual, "String Functions and Operators".
 */
final class RowText {
  private static final int LONG_TEXT_BYTES = 100_000;

  /** PostgreSQL's functions take 100 arguments at most, a separator among them. */
  private static final int PARTS_AT_ONCE = 90;

  /** Types whose texts have no comma and are never empty. */
  private static final Set<String> PLAIN =
      Set.of(
          "smallint",
          "integer",
          "bigint",
          "oid",
          "real",
          "double precision",
          "numeric",
          "boolean",
          "uuid",
          "date",
          "time without time zone",
          "time with time zone",
          "timestamp without time zone",
          "timestamp with time zone",
          "inet",
          "cidr",
          "macaddr",
          "macaddr8",
          "pg_lsn");

  private final HashFunction hash;

  RowText(HashFunction hash) {
    this.hash = hash;
  }

  /** The text of a row with these columns. */
  String of(List<Column> columns) {
    if (!hash.sameEncoding()) {
      return columns.stream()
          .map(this::recoded)
          .collect(Collectors.joining(", ", "ROW(", ")::text"));
    }
    var parts = new ArrayList<String>();
    columns.forEach(column -> add(parts, column));
    return joined(parts);
  }

  /** The text of a key, which people can read. */
  static String ofKey(List<Column> columns) {
    return columns.stream()
        .map(RowText::printed)
        .collect(Collectors.joining(", ", "ROW(", ")::text"));
  }

  private void add(List<String> parts, Column column) {
    String value = printed(column);
    if (isPlain(column)) {
      parts.add("coalesce(" + value + "::text, '')");
    } else if (!column.builtIn()) {
      // A cast to text may have been made by the user; a row is printed by the output function.
      parts.add("ROW(" + value + ")::text");
    } else if (column.type().equals("bytea")) {
      parts.add("coalesce(" + hash.ofBytes(value) + ", '')");
    } else {
      // As text, character(n) would lose the blanks at its end.
      String text = isPadded(column) || isText(column) ? value : value + "::text";
      parts.add("coalesce(octet_length(" + text + "), -1)");
      parts.add(isLongAtTimes(column) ? shortened(text) : text);
    }
  }

  private static String joined(List<String> parts) {
    if (parts.isEmpty()) {
      return "''";
    }
    List<String> all = List.copyOf(parts);
    while (all.size() > PARTS_AT_ONCE) {
      var groups = new ArrayList<String>();
      for (int from = 0; from < all.size(); from += PARTS_AT_ONCE) {
        groups.add(concat(all.subList(from, Math.min(all.size(), from + PARTS_AT_ONCE))));
      }
      all = groups;
    }
    return concat(all);
  }

  private static String concat(List<String> parts) {
    return parts.stream().collect(Collectors.joining(", ", "concat_ws(',', ", ")"));
  }

  /** A digest in place of a long text; its length, which comes before it, tells which it is. */
  private String shortened(String text) {
    return "CASE WHEN octet_length(%1$s) > %2$d THEN %3$s ELSE %1$s END"
        .formatted(text, LONG_TEXT_BYTES, hash.ofText(text));
  }

  private String recoded(Column column) {
    String value = printed(column);
    if (column.type().equals("bytea")) {
      return hash.ofBytes(value);
    }
    return isLongAtTimes(column) ? hash.ofText(value + "::text") : value;
  }

  private static boolean isPlain(Column column) {
    String type = column.type();
    int length = type.indexOf('(');
    // "timestamp(3) with time zone", "numeric(10,2)": the length stands in the middle or at the end
    String bare =
        length < 0 ? type : type.substring(0, length) + type.substring(type.indexOf(')') + 1);
    return type.equals("\"char\"") || (PLAIN.contains(bare) && column.builtIn());
  }

  /** {@code character(n)}, and {@code bpchar}, as the same type without a length is called. */
  private static boolean isPadded(Column column) {
    String type = column.type();
    return type.equals("bpchar")
        || type.equals("character")
        || (type.startsWith("character(") && !type.endsWith("[]"));
  }

  /** Whether the type reads what it prints, and finds the value by an operator of its own. */
  static boolean isReadAsPrinted(Column column) {
    boolean isKnown = isPlain(column) || isText(column) || isPadded(column);
    return (isKnown && column.builtIn() && !column.type().equals("\"char\""))
        || column.type().equals("bytea");
  }

  private static boolean isText(Column column) {
    String type = column.type();
    return type.equals("text") || (type.startsWith("character varying") && !type.endsWith("[]"));
  }

  private static boolean isLongAtTimes(Column column) {
    return isText(column) || column.type().equals("json") || column.type().equals("xml");
  }

  /** PostgreSQL 16 began to print bytes above 127 of type "char" in another form. */
  private static String printed(Column column) {
    String value = "t." + Quoting.identifier(column.name());
    return column.type().equals("\"char\"") ? value + "::int4" : value;
  }
}
