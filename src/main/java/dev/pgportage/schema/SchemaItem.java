package dev.pgportage.schema;

import dev.pgportage.pg.QualifiedName;
import java.util.Optional;

/**
 * One thing of the schema and what is done with it.
 *
 * @param position its place in the order, from 1; with kind and name it identifies the item
 * @param kind what it is, in pg_dump's words: {@code TABLE}, {@code FK CONSTRAINT}
 * @param name its name for people
 * @param table the relation it belongs to, if it belongs to one
 * @param decision what is done with it
 * @param stage when it is done
 * @param reason why, where it is not simply applied; otherwise empty
 * @param sql what is run on the target; empty if nothing is
 */
public record SchemaItem(
    int position,
    String kind,
    String name,
    Optional<QualifiedName> table,
    Decision decision,
    Stage stage,
    String reason,
    String sql) {

  /** What is done with an object of the schema. */
  public enum Decision {
    /** Made as the source has it. */
    APPLY,
    /** Made, but by other SQL than pg_dump's; the reason says how it differs. */
    REWRITE,
    /** Made only when the target opens, or later. */
    DEFER,
    /** Not made; the reason says why. */
    SKIP,
    /** Cannot be made, and the migration cannot go on without it. */
    BLOCK
  }

  /** When an object is made; in the order of time. */
  public enum Stage {
    /** Before any row: schemas, types, functions, tables, views. */
    PRE_DATA,
    /** As soon as the table is loaded: primary keys, unique and exclusion constraints. */
    KEYS,
    /** Right after the keys: indexes, extended statistics. */
    INDEXES,
    /** What needs a key: views that group by one, checks made apart. */
    NEEDS_KEYS,
    /** Foreign keys; those that can be are added without looking at the rows. */
    FOREIGN_KEYS,
    /** The rows are looked at: foreign keys become valid. */
    VALIDATION,
    /** Triggers and rules on tables: made, and disabled at once. */
    TRIGGERS,
    /** When the target becomes the database: triggers' and rules' modes, row security. */
    OPENING,
    /** When it has opened: materialized views. */
    AFTER
  }

  /** What identifies it in the state. */
  public String key() {
    return position + " " + kind + " " + name;
  }

  /** What it is, for messages: {@code TABLE public.orders}. */
  @Override
  public String toString() {
    return kind + " " + name;
  }
}
