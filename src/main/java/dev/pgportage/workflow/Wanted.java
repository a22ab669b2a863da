package dev.pgportage.workflow;

import dev.pgportage.cdc.Replication;
import dev.pgportage.cdc.Touched;
import dev.pgportage.pg.Lsn;
import dev.pgportage.schema.Table;
import dev.pgportage.state.ValidationResults;
import dev.pgportage.validation.Subject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What is to be compared at one moment.
 *
 * @param subjects tables, or rows of them
 * @param kept what was found equal before and has not changed since
 * @param leftOut how many rows are left out because they change at that moment
 * @param unsettled tables that cannot be compared at that moment, because nobody knows which of
 *     their rows change
 */
record Wanted(
    List<Subject> subjects,
    List<ValidationResults.Result> kept,
    long leftOut,
    List<Table> unsettled) {

  static Wanted of(List<Subject> subjects, List<ValidationResults.Result> kept) {
    return new Wanted(subjects, kept, 0, List.of());
  }

  /** The same without what was touched after a position. */
  Wanted without(Replication replication, Lsn since) {
    var settled = new ArrayList<Subject>();
    var rest = new ArrayList<Table>();
    long rows = 0;
    for (Subject subject : subjects) {
      Optional<Subject> settles = Optional.of(subject);
      switch (replication.touchedSince(subject.table().name(), since)) {
        case Touched.Nothing() -> {}
        case Touched.Everything() -> settles = Optional.empty();
        case Touched.Rows(List<List<String>> keys) -> {
          settles = subject.without(keys);
          rows += keys.size();
        }
      }
      settles.ifPresentOrElse(settled::add, () -> rest.add(subject.table()));
    }
    return new Wanted(settled, kept, rows, rest);
  }
}
