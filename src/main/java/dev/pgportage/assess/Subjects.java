package dev.pgportage.assess;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** What all checks of one assessment look at. Not thread-safe. */
final class Subjects implements AutoCloseable {
  private final Session source;
  private final Session target;
  private @Nullable FutureTask<SchemaDraft> draft;

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

  /** Begins to plan the schema, which takes a dump, while checks are made. */
  void beginDraft(AssessmentContext context) {
    draft = new FutureTask<>(() -> SchemaDraft.of(context));
    // Not a virtual one: once any of those has read a socket, the JVM takes 0.3 s longer to end.
    Thread.ofPlatform().daemon().name("schema-draft").start(draft);
  }

  /** The plan of the schema; it must have been begun. */
  SchemaDraft schemaDraft() {
    return schemaDraftIfBegun().orElseThrow();
  }

  /** The plan of the schema if it was begun. */
  Optional<SchemaDraft> schemaDraftIfBegun() {
    FutureTask<SchemaDraft> begun = draft;
    return begun == null ? Optional.empty() : Optional.of(await(begun));
  }

  private static SchemaDraft await(FutureTask<SchemaDraft> begun) {
    try {
      return begun.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new MigrationException(ErrorCode.INTERRUPTED, "The assessment was stopped", e);
    } catch (ExecutionException e) {
      throw new MigrationException(ErrorCode.INTERNAL, "Planning the schema: " + e.getCause(), e);
    }
  }

  /** Ends a dump that nobody waits for any more. */
  @Override
  public void close() {
    FutureTask<SchemaDraft> begun = draft;
    if (begun != null) {
      begun.cancel(true);
    }
  }
}
