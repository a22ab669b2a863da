package dev.pgportage.pg;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.testing.TestDatabase;
import java.sql.Connection;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PublicationIT {
  private final Publication publication = new Publication("pgportage \"mig\"");
  private TestDatabase source;
  private Connection connection;

  @BeforeEach
  void connect() throws Exception {
    source = TestDatabase.source(15);
    connection = new Database(source.endpoint(), "pgportage test").open("control");
  }

  @AfterEach
  void disconnect() throws Exception {
    connection.close();
    source.close();
  }

  private static Publication.Member table(String name) {
    return new Publication.Member(new QualifiedName("public", name), false);
  }

  @Test
  void publishesNoChildrenWhenAnInheritanceParentIsPublished() throws Exception {
    source.execute(
        """
        CREATE TABLE "odd ""parent" (id int PRIMARY KEY);
        CREATE TABLE child (extra int) INHERITS ("odd ""parent");
        """);
    publication.create(connection, List.of(table("odd \"parent")));
    assertThat(publication.exists(connection)).isTrue();
    assertThat(publication.tables(connection))
        .containsExactly(new QualifiedName("public", "odd \"parent"));
  }

  @Test
  void publishesPartitionsUnderTheirOwnNamesWhenTheirRootIsPublished() throws Exception {
    source.execute(
        """
        CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id);
        CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (10);
        """);
    publication.create(
        connection, List.of(new Publication.Member(new QualifiedName("public", "p"), true)));
    assertThat(publication.tables(connection)).containsExactly(new QualifiedName("public", "p1"));
  }

  @Test
  void isRefusedWhenTheNameIsTaken() {
    publication.create(connection, List.of());
    assertThatThrownBy(() -> publication.create(connection, List.of()))
        .isInstanceOfSatisfying(
            MigrationException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.PUBLICATION_TAKEN));
  }

  @Test
  void isGoneAfterDropHoweverOften() throws Exception {
    publication.create(connection, List.of());
    publication.drop(connection);
    publication.drop(connection);
    assertThat(publication.exists(connection)).isFalse();
  }
}
