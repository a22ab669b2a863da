package dev.pgportage.journey;

import dev.pgportage.pg.Sql;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Where every sequence of a database stands. */
final class Sequences {
  private Sequences() {}

  private record Value(long last, boolean called, long increment, long min, long max) {
    /** How many values it is ahead of another one in this sequence's direction. */
    long aheadBy(Value other) {
      return (last - other.last) / increment;
    }

    /** How many values are left before its end. */
    long left() {
      return increment > 0 ? (max - last) / increment : (min - last) / increment;
    }
  }

  /**
   * The sequences that are not the headroom ahead on the target; one never called, or with fewer
   * values left than that, must stand where it stood.
   */
  static List<String> behind(TestDatabase source, TestDatabase target, long headroom)
      throws SQLException {
    Map<String, Value> ahead = values(target);
    var wrong = new ArrayList<String>();
    values(source)
        .forEach(
            (name, value) -> {
              Value there = ahead.get(name);
              if (there == null) {
                wrong.add(name + " is not on the target");
                return;
              }
              boolean right =
                  (value.called() && value.left() >= headroom)
                      ? there.aheadBy(value) >= headroom
                      : there.equals(value);
              if (!right) {
                wrong.add(name + ": " + value + " <> " + there);
              }
            });
    return wrong;
  }

  private static Map<String, Value> values(TestDatabase database) throws SQLException {
    var result = new HashMap<String, Value>();
    try (Connection connection = database.superuser()) {
      for (String name :
          Sql.query(
              connection,
              """
              SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences
               WHERE schemaname <> 'pgportage'
              """,
              row -> row.getString(1))) {
        result.put(
            name,
            Sql.queryFirst(
                    connection,
                    """
                    SELECT last_value, is_called, seqincrement, seqmin, seqmax
                      FROM %s, pg_sequence WHERE seqrelid = '%s'::regclass
                    """
                        .formatted(name, name.replace("'", "''")),
                    row ->
                        new Value(
                            row.getLong(1),
                            row.getBoolean(2),
                            row.getLong(3),
                            row.getLong(4),
                            row.getLong(5)))
                .orElseThrow());
      }
    }
    return result;
  }
}
