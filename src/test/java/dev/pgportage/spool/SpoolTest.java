package dev.pgportage.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgportage.ErrorCode;
import dev.pgportage.MigrationException;
import dev.pgportage.pg.Lsn;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in a spool after whatever may happen to its files. */
class SpoolTest {
  private static final UUID ID = UUID.randomUUID();
  private static final SpoolLimits LIMITS = new SpoolLimits(1L << 30, 0, 0);

  @TempDir Path directory;

  private Spool open() {
    return Spool.open(directory, ID, LIMITS);
  }

  private static SpoolRecord.Messages messages(long end, String... texts) {
    List<ByteBuffer> bytes =
        Stream.of(texts).map(t -> ByteBuffer.wrap(t.getBytes(StandardCharsets.UTF_8))).toList();
    return new SpoolRecord.Messages(bytes, new Lsn(end));
  }

  private static List<String> read(Spool spool) {
    var texts = new ArrayList<String>();
    try (SpoolCursor cursor = spool.read()) {
      for (var next = cursor.next(); next.isPresent(); next = cursor.next()) {
        switch (next.get()) {
          case SpoolRecord.Position(Lsn lsn) -> texts.add("at " + lsn.value());
          case SpoolRecord.Messages(var all, var _) ->
              all.forEach(m -> texts.add(StandardCharsets.UTF_8.decode(m.duplicate()).toString()));
        }
      }
      assertThat(cursor.isAtEnd()).isTrue();
    }
    return texts;
  }

  private Path last() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.filter(p -> p.toString().endsWith(".spool")).sorted().toList().getLast();
    }
  }

  @Test
  void givesBackWhatWasWrittenWhenOpenedAgain() {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      assertThat(spool.append(messages(20, "a", "", "c"))).isTrue();
      assertThat(spool.append(new SpoolRecord.Position(new Lsn(25)))).isTrue();
      assertThat(spool.sync()).isEqualTo(new Lsn(25));
    }
    try (Spool spool = open()) {
      assertThat(spool.from()).isEqualTo(new Lsn(10));
      assertThat(spool.end()).isEqualTo(new Lsn(25));
      assertThat(read(spool)).containsExactly("a", "", "c", "at 25");
    }
  }

  @Test
  void cutsOffATransactionWithoutItsEndWhenTheNextStreamBegins() {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "a"));
      spool.append(messages(0, "half of b"));
    }
    try (Spool spool = open()) {
      assertThat(spool.end()).isEqualTo(new Lsn(20));
      spool.begin(spool.end());
      spool.append(messages(30, "all of b"));
      assertThat(read(spool)).containsExactly("a", "all of b");
    }
    try (Spool spool = open()) {
      assertThat(read(spool)).containsExactly("a", "all of b");
    }
  }

  @Test
  void refusesAGap() {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "a"));
      assertThatThrownBy(() -> spool.begin(new Lsn(21)))
          .isInstanceOf(MigrationException.class)
          .hasMessageContaining("begins at 0/15");
    }
  }

  @Test
  void endsBeforeWhateverWasTornOffAtAnyByte() throws IOException {
    long whole;
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "first"));
      whole = Files.size(last());
      spool.append(messages(30, "second"));
    }
    byte[] all = Files.readAllBytes(last());
    for (int length = all.length - 1; length >= 0; length--) {
      Files.write(last(), java.util.Arrays.copyOf(all, length));
      try (Spool spool = open()) {
        boolean first = length >= whole;
        assertThat(spool.isEmpty()).isEqualTo(length < Segment.HEADER_BYTES);
        assertThat(read(spool)).isEqualTo(first ? List.of("first") : List.of());
        if (!spool.isEmpty()) {
          assertThat(spool.end()).isEqualTo(new Lsn(first ? 20 : 10));
        }
      }
    }
  }

  @Test
  void endsBeforeWhateverByteWasChangedAndGoesOnThere() throws IOException {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "first"));
      spool.beginSegment();
      spool.append(messages(30, "second", "third"));
      spool.append(messages(40, "fourth"));
    }
    Path damaged = last();
    byte[] all = Files.readAllBytes(damaged);
    for (int at = 0; at < all.length; at++) {
      byte[] copy = all.clone();
      copy[at] ^= (byte) (1 << new Random(at).nextInt(8));
      Files.write(damaged, copy);
      try (Spool spool = open()) {
        assertThat(spool.end()).isLessThan(new Lsn(40));
        assertThat(read(spool)).doesNotContain("fourth").startsWith("first");
      }
    }
    try (Spool spool = open()) {
      long end = spool.end().value();
      spool.begin(spool.end());
      spool.append(messages(end + 1, "again"));
      assertThat(read(spool)).startsWith("first").endsWith("again");
    }
    try (Spool spool = open()) {
      assertThat(read(spool)).startsWith("first").endsWith("again");
    }
  }

  @Test
  void countsNothingBehindAMissingFile() throws IOException {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      for (int i = 1; i <= 3; i++) {
        spool.append(messages(10 + i, "t" + i));
        spool.beginSegment();
      }
    }
    Files.delete(directory.resolve(Segment.fileName(1)));
    try (Spool spool = open()) {
      assertThat(spool.end()).isEqualTo(new Lsn(11));
      spool.begin(new Lsn(11));
      spool.append(messages(20, "t2 and t3"));
    }
    try (Spool spool = open()) {
      assertThat(read(spool)).containsExactly("t1", "t2 and t3");
    }
  }

  @Test
  void removesFilesOnceAllOfThemIsApplied() {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      for (int i = 1; i <= 3; i++) {
        spool.append(messages(10 + i, "t" + i));
        spool.beginSegment();
      }
      long before = spool.gauge().bytes();
      spool.release(new Lsn(12));
      assertThat(spool.from()).isEqualTo(new Lsn(12));
      assertThat(spool.gauge().bytes()).isLessThan(before);
      assertThat(read(spool)).containsExactly("t3");
      spool.clear();
      assertThat(spool.isEmpty()).isTrue();
      assertThat(spool.gauge().bytes()).isZero();
      spool.begin(new Lsn(50));
      spool.append(messages(60, "t4"));
    }
    try (Spool spool = open()) {
      assertThat(spool.from()).isEqualTo(new Lsn(50));
      assertThat(read(spool)).containsExactly("t4");
    }
  }

  @Test
  void letsAReaderFollowTheWriterThroughFiles() {
    try (Spool spool = open();
        SpoolCursor cursor = spool.read()) {
      spool.begin(new Lsn(1));
      assertThat(cursor.next()).isEmpty();
      for (int i = 2; i < 6; i++) {
        spool.append(messages(i, "t" + i));
        assertThat(cursor.isAtEnd()).isFalse();
        assertThat(cursor.next().map(SpoolRecord::reaches)).isEqualTo(Optional.of(new Lsn(i)));
        assertThat(cursor.isAtEnd()).isTrue();
        spool.beginSegment();
        spool.release(new Lsn(i));
      }
      spool.clear();
      spool.begin(new Lsn(9));
      assertThat(cursor.next()).isEmpty();
      spool.append(messages(10, "anew"));
      assertThat(cursor.next().map(SpoolRecord::reaches)).isEqualTo(Optional.of(new Lsn(10)));
    }
  }

  @Test
  void takesNothingBeyondItsSizeAndSaysSo() {
    try (Spool spool = Spool.open(directory, ID, new SpoolLimits(120, 0, 0))) {
      spool.begin(new Lsn(10));
      assertThat(spool.append(messages(20, "x".repeat(20)))).isTrue();
      assertThat(spool.append(messages(30, "y".repeat(40)))).isFalse();
      assertThat(spool.gauge().full()).isTrue();
      assertThat(spool.end()).isEqualTo(new Lsn(20));
      spool.clear();
      spool.begin(new Lsn(20));
      assertThat(spool.append(messages(30, "y".repeat(40)))).isTrue();
      assertThat(spool.gauge().full()).isFalse();
    }
  }

  @Test
  void leavesTheDiskWhatItIsTold() throws IOException {
    long free = Files.getFileStore(directory).getTotalSpace();
    try (Spool spool = Spool.open(directory, ID, new SpoolLimits(1L << 40, free, 0))) {
      spool.begin(new Lsn(10));
      assertThat(spool.append(messages(20, "a"))).isFalse();
    }
  }

  @Test
  void keepsOthersOut() throws IOException {
    try (Spool spool = open()) {
      assertThatThrownBy(this::open)
          .isInstanceOfSatisfying(
              MigrationException.class,
              e -> assertThat(e.code()).isEqualTo(ErrorCode.SPOOL_IN_USE));
      spool.begin(new Lsn(1));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(last())))
          .isEqualTo("rw-------");
    }
    open().close();
  }

  @Test
  void knowsNothingOfAnotherSpoolsFiles() {
    try (Spool spool = Spool.open(directory, UUID.randomUUID(), LIMITS)) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "another's"));
    }
    try (Spool spool = open()) {
      assertThat(spool.isEmpty()).isTrue();
      assertThat(read(spool)).isEmpty();
    }
  }

  @Test
  void tellsWhatWasDamagedWhileItWasOpen() throws IOException {
    try (Spool spool = open()) {
      spool.begin(new Lsn(10));
      spool.append(messages(20, "first"));
      try (var file = new RandomAccessFile(last().toFile(), "rw")) {
        file.seek(Segment.HEADER_BYTES + 20);
        file.write('?');
      }
      try (SpoolCursor cursor = spool.read()) {
        assertThatThrownBy(cursor::next).hasMessageContaining("was damaged");
      }
    }
  }
}
