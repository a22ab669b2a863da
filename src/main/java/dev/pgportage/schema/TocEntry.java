package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import dev.pgportage.pg.Quoting;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * One object in an archive's table of contents.
 *
 * @param dumpId its number in the archive
 * @param classOid the catalog the object is in on the source, 0 if it has no row of its own
 * @param oid its OID there, 0 if it has none
 * @param kind such as {@code TABLE}, {@code FK CONSTRAINT}
 * @param schema the schema it is in, or null
 * @param tag its name as pg_dump tells it, such as {@code orders orders_pkey}
 * @param postData whether pg_dump puts it behind the rows
 * @param definition the SQL that makes it
 * @param accessMethod the table access method, or null
 * @param owner the role that owns it, or null
 * @param dropping the SQL that drops it, or null
 * @param dependencies the dump ids it needs
 */
record TocEntry(
    int dumpId,
    long classOid,
    long oid,
    String kind,
    @Nullable String schema,
    String tag,
    boolean postData,
    String definition,
    @Nullable String accessMethod,
    @Nullable String owner,
    @Nullable String dropping,
    List<Integer> dependencies) {

  TocEntry {
    dependencies = List.copyOf(dependencies);
  }

  /** The object as ALTER … OWNER TO names it; empty if it has no owner of its own. */
  Optional<String> ownable() {
    String name = schema == null ? Quoting.identifier(tag) : new QualifiedName(schema, tag).sql();
    return switch (kind) {
      case "COLLATION",
          "CONVERSION",
          "DOMAIN",
          "MATERIALIZED VIEW",
          "SEQUENCE",
          "STATISTICS",
          "TABLE",
          "TEXT SEARCH DICTIONARY",
          "TEXT SEARCH CONFIGURATION",
          "TYPE",
          "VIEW",
          "SCHEMA" ->
          Optional.of(kind + " " + name);
      // Their names hold types: what drops them spells these out.
      case "AGGREGATE", "FUNCTION", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "PROCEDURE" ->
          Optional.ofNullable(dropping)
              .map(sql -> sql.strip().replaceFirst("^DROP ", "").replaceFirst(";$", ""));
      default -> Optional.empty();
    };
  }

  /** The object's name for people. */
  String displayName() {
    return schema == null || schema.isEmpty() ? tag : schema + "." + tag;
  }
}
