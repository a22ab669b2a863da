package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.pg.ServerVersion;
import dev.pgportage.pg.Side;
import java.sql.SQLException;

/**
 * What the source's version lets a schema say and the target's does not. Source: PostgreSQL manual,
 * "Release Notes", of 14 and 16.
 */
final class UpgradeChecks {
  /** Of {@code pg_operator o}: what 14 removed. */
  static final String REMOVED =
      """
      (o.oprright = 0 OR (o.oid < 16384 AND (o.oprname = '!!' OR (o.oprname IN ('@', '~')
        AND o.oprleft IN (SELECT t.oid FROM pg_type t WHERE t.typcategory = 'G')
        AND o.oprright IN (SELECT t.oid FROM pg_type t WHERE t.typcategory = 'G')))))
      """;

  /** Ends a query that begins with {@code sort}, the operators asked for. */
  private static final String AND_THEIR_USERS =
      """
      , tree (class, object, text) AS (
        SELECT 'pg_rewrite'::regclass, oid, concat(ev_action::text, ev_qual::text)
        FROM pg_rewrite
        UNION ALL SELECT 'pg_attrdef'::regclass, oid, adbin::text FROM pg_attrdef
        UNION ALL SELECT 'pg_constraint'::regclass, oid, conbin::text FROM pg_constraint
        UNION ALL SELECT 'pg_class'::regclass, indexrelid, concat(indexprs::text, indpred::text)
        FROM pg_index
        UNION ALL SELECT 'pg_class'::regclass, partrelid, partexprs::text
        FROM pg_partitioned_table
        UNION ALL SELECT 'pg_policy'::regclass, oid, concat(polqual::text, polwithcheck::text)
        FROM pg_policy
        UNION ALL SELECT 'pg_trigger'::regclass, oid, tgqual::text FROM pg_trigger
      )
      SELECT found FROM (
        SELECT 'pg_operator'::regclass AS class, oid AS object,
               'operator ' || oid::regoperator AS found
        FROM sort
        UNION
        SELECT class, object,
               pg_describe_object(class, object, 0) || ' uses ' || sort.oid::regoperator
        FROM tree CROSS JOIN LATERAL regexp_matches(text, ':opno ([0-9]+)', 'g') AS used
        JOIN sort ON sort.oid = used[1]::oid
      ) AS o
      WHERE object >= 16384 AND NOT EXISTS (
        SELECT FROM pg_depend d
        WHERE d.classid = o.class AND d.objid = o.object AND d.deptype = 'e')
      ORDER BY found COLLATE "C"
      """;

  private UpgradeChecks() {}

  static final Check GENERATED_CHILDREN =
      Check.named("generated-children", "Columns That Only a Child Computes", Side.SOURCE)
          .when(Scope.MANAGED)
          .code(ErrorCode.SCHEMA_APPLY_FAILED)
          .passes(
              "The target is older than 16, or no child table or partition computes a column that"
                  + " its parent stores.")
          .why("PostgreSQL 16 and newer refuse such a child.")
          .fix(
              "On the source (13 and newer) `ALTER TABLE … NO INHERIT …` (a partition: DETACH it),"
                  + " `ALTER COLUMN … DROP EXPRESSION`, and INHERIT (ATTACH) again: values stay, new"
                  + " ones are the application's or a trigger's.")
          .by(UpgradeChecks::generatedChildren);

  static final Check REMOVED_OPERATORS =
      Check.named("removed-operators", "Operators That Are No More", Side.SOURCE)
          .when(Scope.MANAGED)
          .code(ErrorCode.SCHEMA_APPLY_FAILED)
          .passes(
              "Source and target are both older than 14 or both newer, or the source has no postfix"
                  + " operator of its own, and no view, rule, default, constraint, index, policy or"
                  + " trigger uses a postfix operator, `!!`, or `@` and `~` between geometric types.")
          .why("PostgreSQL 14 removed them: what uses them cannot be made on the target.")
          .fix("On the source use factorial(), and <@ and @> for containment; drop the operators.")
          .by(e -> removedBy14(e, "Not there from 14 on: ", operatorsAndUsers(REMOVED)));

  static final Check ARRAY_FUNCTIONS =
      Check.named("array-functions", "Aggregates and Operators Over Array Functions", Side.SOURCE)
          .when(Scope.MANAGED)
          .code(ErrorCode.SCHEMA_APPLY_FAILED)
          .passes(
              "Source and target are both older than 14 or both newer, or no aggregate and no"
                  + " operator of the user's calls array_append, array_cat, array_prepend,"
                  + " array_position, array_positions, array_remove, array_replace or width_bucket"
                  + " with anyarray or anyelement.")
          .why("From 14 on these functions take anycompatiblearray: the object cannot be made.")
          .fix(
              "On the source (13 and newer) make them over anycompatiblearray and anycompatible, or"
                  + " drop them.")
          .by(
              e ->
                  removedBy14(
                      e, "Cannot be made from 14 on: ", callers("'anyarray', 'anyelement'")));

  private static void generatedChildren(Examination e) throws SQLException {
    if (e.target().version().isAtLeast(16)) {
      e.foundAll(
          "Computed by a child, stored by its parent: ",
          e.texts(
              """
              SELECT DISTINCT format('%I.%I.%I', n.nspname, c.relname, a.attname)
              FROM pg_inherits i
              JOIN pg_class c ON c.oid = i.inhrelid
              JOIN pg_namespace n ON n.oid = c.relnamespace
              JOIN pg_attribute a ON a.attrelid = c.oid AND a.attgenerated <> ''
              JOIN pg_attribute p
                ON p.attrelid = i.inhparent AND p.attname = a.attname AND p.attgenerated = ''
              WHERE c.oid = ANY (?::oid[]) AND NOT a.attisdropped AND NOT p.attisdropped
              ORDER BY 1
              """,
              Names.array(e.tableOids())));
    }
  }

  private static void removedBy14(Examination e, String start, String sql) throws SQLException {
    if (crosses(e.source().version(), e.target().version(), 14)) {
      e.foundAll(start, e.texts(sql));
    }
  }

  /** Whether what a version removed is there on the source and not on the target. */
  static boolean crosses(ServerVersion source, ServerVersion target, int removedBy) {
    return !source.isAtLeast(removedBy) && target.isAtLeast(removedBy);
  }

  /**
   * Lists the user's operators of some sort, and what uses any of that sort.
   *
   * @param sort a condition on {@code pg_operator o}
   */
  static String operatorsAndUsers(String sort) {
    return "WITH sort AS (SELECT o.oid FROM pg_operator o WHERE " + sort + ")" + AND_THEIR_USERS;
  }

  /**
   * Lists the user's aggregates and operators that call one of the array functions with given
   * types, as pg_upgrade looks for them.
   *
   * @param types names of types, quoted, separated by commas
   */
  static String callers(String types) {
    return """
        WITH called AS (
          SELECT oid FROM pg_proc
          WHERE pronamespace = 'pg_catalog'::regnamespace
            AND proname IN ('array_append', 'array_cat', 'array_prepend', 'array_position',
                            'array_positions', 'array_remove', 'array_replace', 'width_bucket')
        ), type AS (SELECT oid FROM pg_type WHERE typname IN (%s)
                    AND typnamespace = 'pg_catalog'::regnamespace)
        SELECT found FROM (
          SELECT 'pg_proc'::regclass AS class, aggfnoid::oid AS object,
                 'aggregate ' || aggfnoid::regprocedure AS found
          FROM pg_aggregate
          WHERE (aggtransfn::oid IN (SELECT oid FROM called)
                 OR aggfinalfn::oid IN (SELECT oid FROM called))
            AND aggtranstype IN (SELECT oid FROM type)
          UNION ALL
          SELECT 'pg_operator'::regclass, oid, 'operator ' || oid::regoperator
          FROM pg_operator
          WHERE oprcode::oid IN (SELECT oid FROM called)
            AND (oprleft IN (SELECT oid FROM type) OR oprright IN (SELECT oid FROM type))
        ) AS o
        WHERE object >= 16384 AND NOT EXISTS (
          SELECT FROM pg_depend d
          WHERE d.classid = o.class AND d.objid = o.object AND d.deptype = 'e')
        ORDER BY found COLLATE "C"
        """
        .formatted(types);
  }
}
