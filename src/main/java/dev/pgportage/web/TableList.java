package dev.pgportage.web;

import dev.pgportage.state.ValidationResults;
import dev.pgportage.workflow.ReportJson;
import dev.pgportage.workflow.StatusReport;
import dev.pgportage.workflow.TableProof;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * All tables, and which of them changed when: ten thousand are too many to send at every change.
 * Not thread-safe; its owner locks.
 */
final class TableList {
  /** A longer list of changes is not sent: whoever shows some rows asks for those. */
  static final int MOST_CHANGES = 100;

  private static final int MOST_ROWS = 500;
  private static final Set<String> VERDICTS =
      Arrays.stream(TableProof.State.values())
          .map(ReportJson::word)
          .collect(Collectors.toUnmodifiableSet());

  private List<TableRow> rows = List.of();
  private Map<String, Long> changed = Map.of();
  private long version;
  private @Nullable List<?> loads;
  private @Nullable List<?> proofs;

  /**
   * A part of the list.
   *
   * @param version grows with every change
   * @param all how many tables there are
   * @param total how many of them match
   * @param offset the first one's place among those
   * @param rows the rows
   */
  record Page(long version, int all, int total, int offset, List<TableRow> rows) {}

  /**
   * What is asked for.
   *
   * @param text a part of the name, in any case
   * @param filter {@code all}, a load's state, a verdict, or {@code open} (not proven as it is now)
   * @param sort {@code name}, {@code size}, {@code rows}, {@code progress}, {@code verdict}; with
   *     {@code -} before it the other way round
   * @param offset how many are passed over
   * @param limit how many are wanted
   */
  record Query(String text, String filter, String sort, int offset, int limit) {}

  /**
   * The rows that changed since a version.
   *
   * @param version the present one
   * @param total how many tables there are
   * @param rows the changed rows; none if they are too many
   * @param many whether they are too many
   */
  record Changes(long version, int total, List<TableRow> rows, boolean many) {}

  /** Takes what a report says. */
  @SuppressWarnings(
      "ReferenceEquality") // The very lists: comparing thousands of rows is what it spares.
  void update(StatusReport report) {
    // A report that read nothing new holds the lists of the one before.
    if (report.tables() == loads && report.proofs() == proofs) {
      return;
    }
    loads = report.tables();
    proofs = report.proofs();
    List<TableRow> fresh = rowsOf(report);
    Map<String, TableRow> former = new HashMap<>();
    rows.forEach(row -> former.put(row.table(), row));
    Map<String, Long> versions = new HashMap<>(changed);
    boolean any = fresh.size() != rows.size();
    for (TableRow row : fresh) {
      if (!row.equals(former.get(row.table()))) {
        versions.put(row.table(), version + 1);
        any = true;
      }
    }
    if (any) {
      version++;
      changed = versions;
      rows = fresh;
    }
  }

  private static List<TableRow> rowsOf(StatusReport report) {
    Map<String, ValidationResults.Result> results = new HashMap<>();
    report.validation().forEach(result -> results.put(result.table().toString(), result));
    Map<String, TableProof> proofs = new HashMap<>();
    report.proofs().forEach(proof -> proofs.put(proof.table(), proof));
    var all = new ArrayList<TableRow>(report.tables().size());
    for (StatusReport.TableLoad load : report.tables()) {
      all.add(
          TableRow.of(
              load,
              Optional.ofNullable(proofs.remove(load.table())),
              Optional.ofNullable(results.get(load.table()))));
    }
    for (TableProof proof : proofs.values()) {
      all.add(TableRow.unloaded(proof, Optional.ofNullable(results.get(proof.table()))));
    }
    return all;
  }

  List<TableRow> rows() {
    return rows;
  }

  long version() {
    return version;
  }

  /** The rows changed since a version. */
  Changes since(long seen) {
    var some = new ArrayList<TableRow>();
    for (TableRow row : rows) {
      if (changed.getOrDefault(row.table(), 0L) > seen) {
        some.add(row);
        if (some.size() > MOST_CHANGES) {
          return new Changes(version, rows.size(), List.of(), true);
        }
      }
    }
    return new Changes(version, rows.size(), some, false);
  }

  /** A part of the list. */
  static Page page(List<TableRow> rows, long version, Query query) {
    String text = query.text().toLowerCase(Locale.ROOT);
    List<TableRow> matching =
        rows.stream()
            .filter(row -> text.isEmpty() || row.table().toLowerCase(Locale.ROOT).contains(text))
            .filter(filter(query.filter()))
            .sorted(order(query.sort()))
            .toList();
    int from = Math.min(Math.max(0, query.offset()), matching.size());
    int to = Math.min(matching.size(), from + Math.clamp(query.limit(), 1, MOST_ROWS));
    return new Page(version, rows.size(), matching.size(), from, matching.subList(from, to));
  }

  private static Predicate<TableRow> filter(String filter) {
    return switch (filter) {
      case "all" -> _ -> true;
      case "planned", "copying", "copied" -> row -> row.state().equals(filter);
      case "open" -> row -> !row.verdict().equals(TableRow.PROVEN);
      default -> {
        if (!VERDICTS.contains(filter)) {
          throw new Refusal(400, "BAD_QUERY", "There is no such filter.");
        }
        yield row -> row.verdict().equals(filter);
      }
    };
  }

  private static Comparator<TableRow> order(String sort) {
    boolean reversed = sort.startsWith("-");
    Comparator<TableRow> order =
        switch (reversed ? sort.substring(1) : sort) {
          case "name" -> Comparator.comparing(TableRow::table);
          case "size" -> Comparator.comparingLong(TableRow::plannedBytes);
          case "rows" -> Comparator.comparingLong(TableRow::rows);
          case "progress" -> Comparator.comparingInt(TableList::stage);
          case "verdict" -> Comparator.comparing(TableRow::verdict);
          default -> throw new Refusal(400, "BAD_QUERY", "There is no such order.");
        };
    return (reversed ? order.reversed() : order).thenComparing(TableRow::table);
  }

  private static int stage(TableRow row) {
    return switch (row.state()) {
      case "copying" -> 0;
      case "planned" -> 1;
      default -> 2;
    };
  }
}
