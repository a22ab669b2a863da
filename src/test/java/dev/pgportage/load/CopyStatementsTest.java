package dev.pgportage.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CopyStatementsTest {
  private static final Chunk ALL = new Chunk(0, 0, Chunk.OPEN);

  @Test
  void leavesGeneratedColumnsOut() {
    var table = Tables.of("odd \"name\"").column("id", "integer").generated("twice").build();
    assertThat(CopyStatements.of(table, ALL, CopyFormat.BINARY))
        .isEqualTo(
            new CopyStatements(
                "COPY \"public\".\"odd \"\"name\"\"\" (\"id\") TO STDOUT (FORMAT binary)",
                "COPY \"public\".\"odd \"\"name\"\"\" (\"id\") FROM STDIN (FORMAT binary)"));
  }

  @Test
  void readsARangeOfTheTableItself() {
    var table = Tables.of("t").column("a", "integer").column("b", "text").build();
    assertThat(CopyStatements.of(table, new Chunk(1, 5, 9), CopyFormat.TEXT).out())
        .isEqualTo(
            "COPY (SELECT \"a\", \"b\" FROM ONLY \"public\".\"t\""
                + " WHERE ctid >= '(5,0)'::tid AND ctid < '(9,0)'::tid) TO STDOUT (FORMAT text)");
  }

  @Test
  void hasNoListWhenNoColumnIsWritten() {
    var table = Tables.of("t").generated("always_one").build();
    assertThat(CopyStatements.of(table, ALL, CopyFormat.TEXT))
        .isEqualTo(
            new CopyStatements(
                "COPY (SELECT  FROM ONLY \"public\".\"t\") TO STDOUT (FORMAT text)",
                "COPY \"public\".\"t\" FROM STDIN (FORMAT text)"));
  }
}
