package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SlotsIT {
  private static final String APPLICATION = "pgportage slots";

  private TestDatabase source;
  private Database database;
  private Connection connection;
  private String slot;

  @BeforeEach
  void connect() throws Exception {
    source = TestDatabase.source(15);
    database = new Database(source.endpoint(), APPLICATION);
    connection = database.open("control");
    slot = "slots_it_" + source.name();
  }

  @AfterEach
  void disconnect() throws Exception {
    connection.close();
    source.close();
  }

  private void create() {
    try (var replication = database.openReplication("slot")) {
      replication.createSlot(slot, false);
    }
  }

  private ReplicationConnection read(Database reader) {
    new Publication("p").create(connection, java.util.List.of());
    var replication = reader.openReplication("stream");
    replication.stream(slot, Lsn.ZERO, Map.of("proto_version", "1", "publication_names", "p"));
    return replication;
  }

  @Test
  void tellsWhatASlotIs() throws Exception {
    create();
    Slots.Slot found = Slots.find(connection, slot).orElseThrow();
    assertThat(found.plugin()).contains("pgoutput");
    assertThat(found.database()).contains(source.name());
    assertThat(found.walStatus()).isEqualTo(Slots.WalStatus.RESERVED);
    assertThat(found.activePid()).isEmpty();
    assertThat(found.confirmedFlush()).isGreaterThan(Lsn.ZERO);
  }

  @Test
  void isGoneAfterDropHoweverOften() throws Exception {
    create();
    Slots.drop(connection, slot, APPLICATION);
    Slots.drop(connection, slot, APPLICATION);
    assertThat(Slots.find(connection, slot)).isEqualTo(Optional.empty());
  }

  @Test
  void endsItsOwnReaderWhenDropped() throws Exception {
    create();
    try (var _ = read(database)) {
      assertThat(Slots.find(connection, slot).orElseThrow().activePid()).isPresent();
      Slots.drop(connection, slot, APPLICATION);
      assertThat(Slots.find(connection, slot)).isEmpty();
    }
  }

  @Test
  void isKeptWhenSomebodyElseReadsIt() throws Exception {
    create();
    try (var _ = read(new Database(source.endpoint(), "other"))) {
      assertThatThrownBy(() -> Slots.drop(connection, slot, APPLICATION))
          .isInstanceOfSatisfying(
              MigrationException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SLOT_IN_USE));
      assertThat(Slots.find(connection, slot)).isPresent();
    }
  }
}
