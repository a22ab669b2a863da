package dev.pgportage.discovery;

import dev.pgportage.pg.Sql;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * An extension of the source, and what the target has of it.
 *
 * @param name its name
 * @param source the version installed on the source
 * @param installed the version installed on the target
 * @param offered the version CREATE EXTENSION would make on the target
 */
public record ExtensionPair(
    String name, String source, Optional<String> installed, Optional<String> offered) {

  static List<ExtensionPair> of(Site source, Site target) throws SQLException {
    Map<String, Optional<String>> offered =
        read(target, "SELECT name, default_version FROM pg_available_extensions");
    Map<String, Optional<String>> installed =
        read(target, "SELECT extname, extversion FROM pg_extension");
    return read(source, "SELECT extname, extversion FROM pg_extension").entrySet().stream()
        .map(
            extension ->
                new ExtensionPair(
                    extension.getKey(),
                    extension.getValue().orElse(""),
                    installed.getOrDefault(extension.getKey(), Optional.empty()),
                    offered.getOrDefault(extension.getKey(), Optional.empty())))
        .toList();
  }

  private static Map<String, Optional<String>> read(Site site, String sql) throws SQLException {
    var versions = new TreeMap<String, Optional<String>>();
    Sql.query(
        site.connection(),
        sql,
        row -> versions.put(row.getString(1), Optional.ofNullable(row.getString(2))));
    return versions;
  }
}
