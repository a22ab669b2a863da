package dev.pgportage.demo;

import com.sun.security.auth.module.UnixSystem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The account an embedded server runs under: PostgreSQL refuses to run as root.
 *
 * <p>Root runs it in a user namespace of its own, where it is nobody in particular, or, where the
 * container forbids namespaces, as {@code nobody}.
 */
enum ServerAccount {
  /** The user's own. */
  OWN,
  /** Root in a user namespace: files stay root's, the server sees itself as nobody. */
  NAMESPACE,
  /** The user nobody, who must own the server's directory. */
  NOBODY;

  private static final int NOBODY_ID = 65534;

  /** The account for this process's user. */
  static ServerAccount choose() {
    if (new UnixSystem().getUid() != 0) {
      return OWN;
    }
    return NAMESPACE.works() ? NAMESPACE : NOBODY;
  }

  /** What goes in front of a command to run it under this account. */
  List<String> prefix() {
    return switch (this) {
      case OWN -> List.of();
      case NAMESPACE -> List.of("unshare", "-U");
      case NOBODY ->
          List.of("setpriv", "--reuid=" + NOBODY_ID, "--regid=" + NOBODY_ID, "--clear-groups");
    };
  }

  /** Gives a server's directory to this account. */
  void own(Path directory) throws IOException {
    if (this == NOBODY) {
      Files.setAttribute(directory, "unix:uid", NOBODY_ID);
    }
  }

  private boolean works() {
    return Command.of(prefix(), "true").run().succeeded();
  }
}
