package dev.pgportage.load;

import dev.pgportage.pg.Quoting;
import dev.pgportage.schema.Table;
import java.util.List;
import java.util.Locale;

/**
 * The two statements that carry a chunk.
 *
 * <p>Column lists are explicit, generated columns left out. A table without written columns has no
 * list to give: its rows travel as empty lines. {@code ONLY} keeps children out of a parent's rows.
 *
 * @param out on the source
 * @param in on the target
 */
record CopyStatements(String out, String in) {
  /**
   * The same, its rows frozen as they come: no later VACUUM writes them again. Only for a table
   * that the transaction at hand has emptied.
   */
  CopyStatements frozen() {
    return new CopyStatements(out, in.substring(0, in.length() - 1) + ", FREEZE)");
  }

  static CopyStatements of(Table table, Chunk chunk, CopyFormat format) {
    List<String> names = table.writtenColumnNames();
    String name = table.name().sql();
    String columns = Quoting.identifiers(names);
    String list = names.isEmpty() ? "" : " (" + columns + ")";
    String options = " (FORMAT " + format.name().toLowerCase(Locale.ROOT) + ")";
    // Naming the table rather than a query spares the executor where the whole table is wanted.
    String rows =
        chunk.isWhole() && !names.isEmpty()
            ? name + list
            : "(SELECT "
                + columns
                + " FROM ONLY "
                + name
                + chunk.condition().map(condition -> " WHERE " + condition).orElse("")
                + ")";
    return new CopyStatements(
        "COPY " + rows + " TO STDOUT" + options, "COPY " + name + list + " FROM STDIN" + options);
  }
}
