package dev.pgportage.schema;

import dev.pgportage.pg.Sql;
import dev.pgportage.schema.SourceFacts.ObjectId;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which objects of a database need which others, directly or through further ones. */
final class Dependents {
  /** Views are found through their rules: it is the rule that depends on what a view reads. */
  private static final String EDGES =
      """
      SELECT classid::int8, objid::int8, refclassid::int8, refobjid::int8 FROM pg_depend
      WHERE objid >= 16384 AND (classid, objid) <> (refclassid, refobjid)
        AND refclassid <> 'pg_transform'::regclass
      UNION
      SELECT 'pg_class'::regclass::oid::int8, ev_class::int8, 'pg_rewrite'::regclass::oid::int8,
             oid::int8
      FROM pg_rewrite WHERE rulename = '_RETURN' AND oid >= 16384
      """;

  private record Edge(ObjectId dependent, ObjectId needed) {}

  private final Map<ObjectId, List<ObjectId>> dependents = new HashMap<>();

  Dependents(Connection connection) throws SQLException {
    for (Edge edge :
        Sql.query(
            connection,
            EDGES,
            row ->
                new Edge(
                    new ObjectId(row.getLong(1), row.getLong(2)),
                    new ObjectId(row.getLong(3), row.getLong(4))))) {
      dependents.computeIfAbsent(edge.needed, _ -> new ArrayList<>()).add(edge.dependent);
    }
  }

  /** Everything that needs one of these objects, with the name of the one it needs. */
  Map<ObjectId, String> of(Map<ObjectId, String> roots) {
    var found = new HashMap<ObjectId, String>();
    var waiting = new ArrayDeque<>(roots.keySet());
    var names = new HashMap<>(roots);
    while (!waiting.isEmpty()) {
      ObjectId needed = waiting.remove();
      for (ObjectId dependent : dependents.getOrDefault(needed, List.of())) {
        if (!names.containsKey(dependent)) {
          names.put(dependent, names.getOrDefault(needed, ""));
          found.put(dependent, names.getOrDefault(needed, ""));
          waiting.add(dependent);
        }
      }
    }
    return found;
  }
}
