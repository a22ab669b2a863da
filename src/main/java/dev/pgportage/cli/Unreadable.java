package dev.pgportage.cli;

import dev.pgportage.discovery.DiscoveryReport;
import dev.pgportage.discovery.Parameter;
import dev.pgportage.discovery.Reading;
import java.util.ArrayList;
import java.util.List;

/**
 * A figure of a discovery that could not be read.
 *
 * @param what which one
 * @param why why
 * @param remedy what makes it readable
 */
record Unreadable(String what, String why, String remedy) {
  /** All of a report, each once. */
  static List<Unreadable> of(DiscoveryReport report) {
    var all = new ArrayList<Unreadable>();
    add(all, "source: size of the database", report.source().databaseBytes());
    add(all, "target: size of the database", report.target().databaseBytes());
    add(all, "source: active connections", report.source().connections().active());
    add(all, "target: active connections", report.target().connections().active());
    add(all, "source: rate of WAL", report.activity().walBytes());
    add(all, "source: average rate of WAL", report.activity().walAverage());
    add(all, "source: speed of reading", report.measurements().reading());
    add(all, "source: speed of hashing", report.measurements().hashing());
    add(all, "target: speed of sending", report.measurements().sending());
    add(all, "target: speed of sorting", report.measurements().sorting());
    report.estimates().room().forEach(room -> add(all, room.what(), room.bytes()));
    for (Parameter parameter : report.parameters()) {
      add(all, "source: " + parameter.name(), parameter.source());
      add(all, "target: " + parameter.name(), parameter.target());
    }
    report.plan().ifPresent(plan -> add(all, "plan of the schema", plan.schema()));
    return all;
  }

  private static void add(List<Unreadable> all, String what, Reading<?> reading) {
    if (reading instanceof Reading.Unread<?>(String why, String remedy)) {
      all.add(new Unreadable(what, why, remedy));
    }
  }
}
