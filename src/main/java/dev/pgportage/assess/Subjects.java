package dev.pgportage.assess;

import org.jspecify.annotations.Nullable;

/** What all checks of one assessment look at. Not thread-safe. */
final class Subjects {
  private final Session source;
  private final Session target;
  private @Nullable SchemaDraft draft;

  Subjects(Session source, Session target) {
    this.source = source;
    this.target = target;
  }

  Session source() {
    return source;
  }

  Session target() {
    return target;
  }

  /** The plan of the schema; made once, when first asked for, since it takes a dump. */
  SchemaDraft schemaDraft(AssessmentContext context) {
    SchemaDraft made = draft;
    if (made == null) {
      made = SchemaDraft.of(context);
      draft = made;
    }
    return made;
  }

  /** The plan of the schema if some check asked for it and it could be made. */
  @Nullable SchemaDraft schemaDraftIfMade() {
    return draft;
  }
}
