package dev.pgportage.config;

import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;

/** Which of libpq's connection parameters may be given, and why the others may not. */
final class ConnectionParameter {
  private static final Set<String> USED =
      Set.of(
          "host",
          "port",
          "dbname",
          "user",
          "password",
          "passfile",
          "secret",
          "auth",
          "region",
          "sslmode",
          "sslrootcert",
          "sslcert",
          "sslkey",
          "sslnegotiation",
          "channel_binding",
          "connect_timeout");

  private static final String NAMED_HERE = "pgportage names its sessions after the migration";

  private static final Map<String, String> IGNORED =
      Map.of("application_name", NAMED_HERE, "fallback_application_name", NAMED_HERE);

  private static final String NO_USE = "pgportage has no use for it; take it out";

  private static final Map<String, String> REFUSED =
      Map.ofEntries(
          Map.entry(
              "options",
              "pgportage sets every session's settings itself, so that both sides print alike; take"
                  + " it out, or use ALTER ROLE … SET"),
          Map.entry("hostaddr", "give the address as host"),
          Map.entry("target_session_attrs", "name the primary as the only host; take it out"),
          Map.entry("load_balance_hosts", "name the primary as the only host; take it out"),
          Map.entry("replication", "pgportage opens replication sessions itself; take it out"),
          Map.entry("client_encoding", "pgportage always speaks UTF-8; take it out"),
          Map.entry("sslpassword", "give a key without a passphrase, in a file only you can read"),
          Map.entry("sslcrl", "certificate revocation lists cannot be used; take it out"),
          Map.entry("sslcrldir", "certificate revocation lists cannot be used; take it out"),
          Map.entry("requiressl", "use sslmode"),
          Map.entry("ssl", "use sslmode"),
          Map.entry("sslcompression", NO_USE),
          Map.entry("sslcertmode", NO_USE),
          Map.entry("sslsni", NO_USE),
          Map.entry("ssl_min_protocol_version", NO_USE),
          Map.entry("ssl_max_protocol_version", NO_USE),
          Map.entry("require_auth", NO_USE),
          Map.entry("requirepeer", NO_USE),
          Map.entry("gssencmode", NO_USE),
          Map.entry("gsslib", NO_USE),
          Map.entry("gssdelegation", NO_USE),
          Map.entry("krbsrvname", NO_USE),
          Map.entry("keepalives", NO_USE),
          Map.entry("keepalives_idle", NO_USE),
          Map.entry("keepalives_interval", NO_USE),
          Map.entry("keepalives_count", NO_USE),
          Map.entry("tcp_user_timeout", NO_USE),
          Map.entry("servicefile", "set PGSERVICEFILE"));

  private ConnectionParameter() {}

  /** Tells which of the parameters given cannot be used. */
  static void check(
      Collection<String> given,
      BiConsumer<String, String> error,
      BiConsumer<String, String> warning) {
    for (String name : given) {
      if (IGNORED.containsKey(name)) {
        warning.accept(name + " is not used", IGNORED.getOrDefault(name, ""));
      } else if (REFUSED.containsKey(name)) {
        error.accept(name + " cannot be used", REFUSED.getOrDefault(name, ""));
      } else if (!USED.contains(name)) {
        String all = String.join(", ", new TreeSet<>(USED));
        error.accept(
            ConnectionText.named(name) + " is no parameter of a connection",
            Suggestion.forWord(name, USED, "allowed: " + all + ", service"));
      }
    }
  }
}
