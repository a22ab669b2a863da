package dev.pgportage.schema;

import java.util.List;
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
    List<Integer> dependencies) {

  TocEntry {
    dependencies = List.copyOf(dependencies);
  }

  /** The object's name for people. */
  String displayName() {
    return schema == null || schema.isEmpty() ? tag : schema + "." + tag;
  }
}
