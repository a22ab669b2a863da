package dev.pgportage.workflow;

import dev.pgportage.config.MigrationConfig;
import dev.pgportage.pg.Lsn;
import dev.pgportage.pg.Slots;
import dev.pgportage.spool.Spool;
import dev.pgportage.spool.SpoolLimits;
import dev.pgportage.state.SpoolNote;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The spools of all streams of a migration on this machine. */
final class Spools {
  private final Session session;

  Spools(Session session) {
    this.session = session;
  }

  /**
   * Opens those that the state knows, or notes new ones; none if there are to be none.
   *
   * @throws dev.pgportage.MigrationException SPOOL_LOST if one is needed and is not here
   */
  OpenSpools open() throws SQLException {
    SortedMap<Integer, Lsn> applied = session.applyProgress().streams(session.control());
    var open = new OpenSpools();
    try {
      for (Map.Entry<Integer, Lsn> stream : applied.entrySet()) {
        int number = stream.getKey();
        Optional<StreamSpool.Positions> positions = positions(number, stream.getValue());
        if (positions.isPresent()) {
          new StreamSpool(session, number, applied.size())
              .open(positions.get())
              .ifPresent(spool -> open.add(number, spool));
        }
      }
      return open;
    } catch (SQLException | RuntimeException e) {
      open.close();
      throw e;
    }
  }

  /** Empty without a slot: nothing can be received then; whoever reads it says so. */
  private Optional<StreamSpool.Positions> positions(int stream, Lsn applied) throws SQLException {
    try (Connection source = session.source().open("setup")) {
      return Slots.find(source, SourceObjects.slotName(session.config(), stream))
          .map(slot -> new StreamSpool.Positions(applied, slot.confirmedFlush()));
    }
  }

  static Path base(String directory) {
    boolean home = directory.equals("~") || directory.startsWith("~/");
    return home
        ? Path.of(System.getProperty("user.home") + directory.substring(1))
        : Path.of(directory).toAbsolutePath();
  }

  /**
   * Removes a migration's spools from this machine, once nothing needs them.
   *
   * @return where they were, as far as they were here
   */
  static List<String> remove(Connection control, MigrationConfig config) throws SQLException {
    var removed = new ArrayList<String>();
    for (SpoolNote.Entry entry : SpoolNote.all(control, config.name())) {
      SpoolNote.Noted noted = entry.spool();
      if (Files.isDirectory(Path.of(noted.directory()))) {
        try (Spool spool =
            Spool.open(Path.of(noted.directory()), noted.id(), new SpoolLimits(0, 0, 0))) {
          spool.remove();
        }
        removed.add(noted.directory());
      }
    }
    return removed;
  }

  /** Spools that may lie on another machine, and what to do about them there. */
  static List<String> elsewhere(Connection control, MigrationConfig config) throws SQLException {
    return SpoolNote.all(control, config.name()).stream()
        .map(SpoolNote.Entry::spool)
        .filter(noted -> !noted.host().equals(host()))
        .filter(noted -> !Files.isDirectory(Path.of(noted.directory())))
        .map(noted -> "remove " + noted.directory() + " on " + noted.host() + ", if it is there")
        .toList();
  }

  static String host() {
    return Optional.ofNullable(System.getenv("HOSTNAME")).orElse("this host");
  }
}
