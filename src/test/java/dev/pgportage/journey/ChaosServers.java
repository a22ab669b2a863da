package dev.pgportage.journey;

import dev.pgportage.demo.EmbeddedServer;
import dev.pgportage.testing.ChaosProxy;
import dev.pgportage.testing.Servers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A source and a target of their own, each behind a network that can be disturbed; the target on a
 * small disk of its own, where this process may mount one.
 */
final class ChaosServers implements AutoCloseable {
  private static final String DISK = "700m";
  private static final String SPOOL = "48m";

  private final EmbeddedServer source;
  private final EmbeddedServer target;
  private final ChaosProxy toSource;
  private final ChaosProxy toTarget;
  private final Optional<Path> disk;
  private final Optional<Path> spoolDisk;

  private ChaosServers(
      EmbeddedServer source, EmbeddedServer target, Optional<Path> disk, Optional<Path> spoolDisk) {
    this.source = source;
    this.target = target;
    this.disk = disk;
    this.spoolDisk = spoolDisk;
    toSource = new ChaosProxy(source.port());
    toTarget = new ChaosProxy(target.port());
  }

  static ChaosServers start(int sourceMajor, int targetMajor) throws IOException {
    Optional<Path> disk = mount(DISK);
    EmbeddedServer.Options options =
        Servers.options(targetMajor).with("max_wal_size", "64MB").with("min_wal_size", "32MB");
    return new ChaosServers(
        EmbeddedServer.start(Servers.options(sourceMajor)),
        EmbeddedServer.start(disk.map(path -> options.in(path.resolve("pg"))).orElse(options)),
        disk,
        disk.isPresent() ? mount(SPOOL) : Optional.empty());
  }

  EmbeddedServer source() {
    return source;
  }

  EmbeddedServer target() {
    return target;
  }

  ChaosProxy toSource() {
    return toSource;
  }

  ChaosProxy toTarget() {
    return toTarget;
  }

  /** The mount point of the target's disk; empty where this process may not mount one. */
  Optional<Path> disk() {
    return disk;
  }

  /** The same of a disk for the spool. */
  Optional<Path> spoolDisk() {
    return spoolDisk;
  }

  private static Optional<Path> mount(String size) throws IOException {
    Path place = Files.createTempDirectory("pgportage-disk");
    if (run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", place.toString()) == 0) {
      return Optional.of(place);
    }
    Files.delete(place);
    System.err.println(
        "CHAOS: no full disks are tried: this process may not mount a file system (run as root)");
    return Optional.empty();
  }

  static int run(String... command) throws IOException {
    try {
      return new ProcessBuilder(command)
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  public void close() throws IOException {
    toSource.close();
    toTarget.close();
    source.close();
    target.close();
    for (Path mounted : Stream.of(disk, spoolDisk).flatMap(Optional::stream).toList()) {
      run("umount", "-l", mounted.toString());
      Files.delete(mounted);
    }
  }
}
