package dev.pgportage.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServerProcessIT {
  private static final Path HOME = Path.of(System.getProperty("pgportage.home"));

  @Test
  void leavesNothingBehindWhenTheJvmIsKilled() throws Exception {
    try (var child = new ServerProcess(HOME, 15, Map.of())) {
      Path directory = child.directory();
      var postmaster = postmaster(directory);
      assertThat(postmaster.isAlive()).isTrue();
      child.kill();
      awaitGone(directory);
      postmaster.onExit().get(20, TimeUnit.SECONDS);
    }
  }

  @Test
  void unpacksOnceWhenTwoStartAndOneHadDied(@TempDir Path home) throws Exception {
    Path embedded = Files.createDirectories(home.resolve("embedded"));
    Files.copy(HOME.resolve("embedded/postgres-18.jar"), embedded.resolve("postgres-18.jar"));
    Path unpacked = ServerBinaries.of(18).directory().getFileName();
    Path halfMade = Files.createDirectory(embedded.resolve(unpacked + ".unpacking"));
    Files.createSymbolicLink(Files.createDirectory(halfMade.resolve("lib")).resolve("a"), unpacked);
    try (var one = new ServerProcess(home, 18, Map.of());
        var other = new ServerProcess(home, 18, Map.of())) {
      assertThat(one.directory()).isNotEqualTo(other.directory());
    }
    assertThat(embedded.resolve(unpacked)).isDirectory();
    assertThat(halfMade).doesNotExist();
  }

  @Test
  void startsWhereUserNamespacesAreForbidden(@TempDir Path programs) throws Exception {
    // A PATH without unshare is to this program what a container that forbids it is.
    for (String name : List.of("setpriv", "sh", "rm", "true")) {
      Files.copy(
          Path.of("/usr/bin", name), programs.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
    }
    Files.setPosixFilePermissions(programs, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (var child = new ServerProcess(HOME, 16, Map.of("PATH", programs.toString()))) {
      Path directory = child.directory();
      assertThat(postmaster(directory).isAlive()).isTrue();
      child.kill();
      awaitGone(directory);
    }
  }

  private static ProcessHandle postmaster(Path directory) throws IOException {
    long pid = Long.parseLong(Files.readAllLines(directory.resolve("data/postmaster.pid")).get(0));
    return ProcessHandle.of(pid).orElseThrow();
  }

  private static void awaitGone(Path directory) throws InterruptedException {
    Instant deadline = Instant.now().plus(Duration.ofSeconds(20));
    while (Files.exists(directory)) {
      assertThat(Instant.now()).as("waiting for %s to go", directory).isBefore(deadline);
      Thread.sleep(20);
    }
  }
}
