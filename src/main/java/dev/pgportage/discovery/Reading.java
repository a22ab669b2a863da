package dev.pgportage.discovery;

import dev.pgportage.pg.SqlFailures;
import dev.pgportage.pg.SqlStates;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.function.Function;

/** A figure that was read, or why it could not be: nothing is ever guessed in its place. */
public sealed interface Reading<T> {
  /** A figure as it was read. */
  record Known<T>(T value) implements Reading<T> {}

  /**
   * A figure that could not be read.
   *
   * @param unread why, as the end of a sentence
   * @param remedy what makes it readable: a grant, or where else to look
   */
  record Unread<T>(String unread, String remedy) implements Reading<T> {}

  /** The figure, if it was read. */
  default Optional<T> known() {
    return switch (this) {
      case Known<T>(T value) -> Optional.of(value);
      case Unread<T> _ -> Optional.empty();
    };
  }

  /** Another figure made of this one. */
  default <R> Reading<R> map(Function<T, R> function) {
    return switch (this) {
      case Known<T>(T value) -> new Known<>(function.apply(value));
      case Unread<T>(String unread, String remedy) -> new Unread<>(unread, remedy);
    };
  }

  /** What a statement tells, or why it failed; only a lost connection is thrown on. */
  static <T> Reading<T> ask(Connection connection, String remedy, Question<T> question)
      throws SQLException {
    try {
      return new Known<>(question.answer());
    } catch (SQLException e) {
      if (SqlStates.isConnectionFailure(e) || connection.isClosed()) {
        throw e;
      }
      return new Unread<>(SqlFailures.describe(e), remedy);
    }
  }

  /** Something to be asked of a database. */
  @FunctionalInterface
  interface Question<T> {
    /** Asks. */
    T answer() throws SQLException;
  }
}
