package dev.pgportage.validation;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Column;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The canonical text of a row, as an SQL expression over a table called {@code t}: no two different
 * rows have the same.
 *
 * <p>Where both databases have the same encoding, it is the columns' texts with an unprintable
 * character between them. A number, a date and the like stands for itself, or {@code !} for NULL,
 * since its text holds no such character; a value of a type that is not PostgreSQL's own is printed
 * as a row, with quotes; every other value has its length in bytes before it, -1 for NULL. One of
 * these stands at the end and needs no length: it is whatever follows, and of NULL nothing does,
 * not even the separator. {@code concat_ws} costs a third of {@code ROW(…)::text}, which asks the
 * catalogs for each row and looks at each character, and is given the values themselves, not their
 * texts: it prints them by their types' output functions (docs/adr/0008).
 *
 * <p>Lengths in bytes depend on the encoding, so where encodings differ it is {@code ROW(…)::text}:
 * quotes and backslashes doubled, NULL empty, an empty text {@code ""}.
 *
 * <p>Long texts and every bytea enter as their own digests, so that a row's text stays far from
 * PostgreSQL's limit of 1 GB. Source: PostgreSQL manual, "String Functions and Operators".
 */
final class RowText {
  private static final int LONG_TEXT_BYTES = 100_000;

  /** Of a character in any encoding a server may have. */
  private static final int MOST_BYTES = 4;

  /**
   * Two arguments each; PostgreSQL's functions take 100 at most, the separator and the last column
   * among them.
   */
  private static final int COLUMNS_AT_ONCE = 45;

  private static final String SEPARATOR = "chr(1)";

  /** Types that read what they print, and whose texts have no control character and are no "!". */
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

  /** Further types whose texts have no control character: jsonb escapes them, json keeps them. */
  private static final Set<String> PRINTABLE =
      Set.of(
          "interval",
          "bit",
          "bit varying",
          "jsonb",
          "xid",
          "xid8",
          "tid",
          "point",
          "line",
          "lseg",
          "box",
          "path",
          "polygon",
          "circle",
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
    // The others' lengths are those of their texts, which have to be made for it once more.
    Optional<Column> last =
        columns.stream().filter(RowText::endsARow).min(Comparator.comparing(RowText::isItsOwnText));
    if (columns.size() < 2 || last.isEmpty()) {
      return joined(columns.stream().map(this::parts).toList(), Optional.empty());
    }
    var others = new ArrayList<>(columns);
    others.remove(last.get());
    return joined(others.stream().map(this::parts).toList(), last.map(RowText::printed));
  }

  /** The text of a key, which people can read. */
  static String ofKey(List<Column> columns) {
    return columns.stream()
        .map(RowText::printed)
        .collect(Collectors.joining(", ", "ROW(", ")::text"));
  }

  /** One or two arguments of {@code concat_ws}, of which never all are NULL. */
  private String parts(Column column) {
    String value = printed(column);
    if (isPrintable(column)) {
      return "%1$s, CASE WHEN %1$s IS NULL THEN '!' END".formatted(value);
    }
    if (!column.builtIn()) {
      // A cast to text may have been made by the user; a row is printed by the output function.
      return "ROW(" + value + ")::text";
    }
    if (column.type().equals("bytea")) {
      return "coalesce(" + hash.ofBytes(value) + ", '')";
    }
    // As text, character(n) would lose the blanks at its end.
    String text = isItsOwnText(column) ? value : value + "::text";
    return "coalesce(octet_length(%s), -1), %s"
        .formatted(text, isLongAtTimes(column) ? shortened(text) : text);
  }

  /** Whether its text is whole, and would need a length before it elsewhere. */
  private static boolean endsARow(Column column) {
    return column.builtIn()
        && !column.type().equals("bytea")
        && !isPrintable(column)
        && !isLongAtTimes(column);
  }

  private static String joined(List<String> columns, Optional<String> last) {
    if (columns.isEmpty()) {
      return "''";
    }
    List<String> all = columns;
    while (all.size() > COLUMNS_AT_ONCE) {
      var groups = new ArrayList<String>();
      for (int from = 0; from < all.size(); from += COLUMNS_AT_ONCE) {
        int end = Math.min(all.size(), from + COLUMNS_AT_ONCE);
        groups.add(concat(all.subList(from, end).stream()));
      }
      all = groups;
    }
    return concat(Stream.concat(all.stream(), last.stream()));
  }

  private static String concat(Stream<String> parts) {
    return parts.collect(Collectors.joining(", ", "concat_ws(" + SEPARATOR + ", ", ")"));
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
    return column.type().equals("\"char\"")
        || (PLAIN.contains(withoutLength(column.type())) && column.builtIn());
  }

  /** Whether its text, that of an array too, has no control character and is no "!". */
  private static boolean isPrintable(Column column) {
    String type = withoutLength(column.type());
    String element = type.endsWith("[]") ? type.substring(0, type.length() - 2) : type;
    return isPlain(column)
        || type.equals("\"char\"[]")
        || (column.builtIn() && (PLAIN.contains(element) || PRINTABLE.contains(element)));
  }

  /** "timestamp(3) with time zone", "numeric(10,2)": it stands in the middle or at the end. */
  private static String withoutLength(String type) {
    int length = type.indexOf('(');
    return length < 0 ? type : type.substring(0, length) + type.substring(type.indexOf(')') + 1);
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

  private static boolean isItsOwnText(Column column) {
    return isPadded(column) || isText(column);
  }

  private static boolean isText(Column column) {
    String type = column.type();
    return type.equals("text") || (type.startsWith("character varying") && !type.endsWith("[]"));
  }

  private static boolean isLongAtTimes(Column column) {
    return (isText(column) && !isShort(column.type()))
        || column.type().equals("json")
        || column.type().equals("xml");
  }

  private static boolean isShort(String type) {
    int length = type.indexOf('(');
    return length > 0
        && Long.parseLong(type.substring(length + 1, type.indexOf(')'))) * MOST_BYTES
            <= LONG_TEXT_BYTES;
  }

  /** PostgreSQL 16 began to print bytes above 127 of type "char" in another form. */
  private static String printed(Column column) {
    String value = "t." + Quoting.identifier(column.name());
    return switch (column.type()) {
      case "\"char\"" -> value + "::int4";
      case "\"char\"[]" -> value + "::int4[]";
      default -> value;
    };
  }
}
