package dev.pgportage.config;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which of a server's databases are migrated.
 *
 * @param include patterns; none means all
 * @param exclude patterns taken out of what is included
 * @param listing the database the list is read from
 */
record DatabaseFilter(List<String> include, List<String> exclude, String listing) {
  private static final String RDS_OWN = "rdsadmin";

  List<String> of(List<String> databases) {
    return databases.stream().filter(this::takes).toList();
  }

  private boolean takes(String database) {
    if (exclude.stream().anyMatch(pattern -> matches(pattern, database))) {
      return false;
    }
    boolean usual = !database.equals(listing) && !database.equals(RDS_OWN);
    return include.isEmpty()
        ? usual
        : include.stream()
            .anyMatch(pattern -> pattern.equals(database) || (usual && matches(pattern, database)));
  }

  private static boolean matches(String pattern, String name) {
    return name.matches(
        Stream.of(pattern.split("\\*", -1)).map(Pattern::quote).collect(Collectors.joining(".*")));
  }
}
