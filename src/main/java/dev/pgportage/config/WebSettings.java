package dev.pgportage.config;

import dev.pgportage.config.Web.Plain;
import dev.pgportage.config.Web.Switch;
import dev.pgportage.pg.Secret;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The settings of the dashboard, and what of them does not go together. */
final class WebSettings {
  static final Setting<Switch> SERVED =
      Setting.of(
          "web.serve",
          Kind.word(Switch.class),
          "on",
          "Whether migrate serves the dashboard while it runs; see docs/dashboard.md.");
  static final Setting<String> BIND =
      Setting.of(
          "web.bind",
          Kind.text("an address of this machine", "[0-9A-Za-z.:%_-]{1,253}"),
          "127.0.0.1",
          "The address it listens on. One that others can reach needs TLS (web.certificate or"
              + " web.keystore, or web.plain: allow), and a token for reading, too.");
  static final Setting<Long> PORT =
      Setting.of("web.port", Kind.whole(0, 65_535), "0", "The port; 0 for one that is free.");
  static final Setting<String> HOSTS =
      Setting.of(
          "web.hosts",
          Kind.texts("a list of host names", "[0-9A-Za-z.-]{1,253}"),
          "[]",
          "Names under which it is reached besides its address; requests for other names are"
              + " refused.");
  static final Setting<String> TOKEN =
      Setting.absent(
          "web.token",
          Kind.text("a text without blanks, better from the environment: ${NAME}", "\\S+"),
          "one made for each run",
          "What whoever changes something must show; 24 characters at least.");
  static final Setting<String> CERTIFICATE =
      Setting.absent(
          "web.certificate",
          Kind.text("a file", ".+"),
          "no TLS",
          "A PEM file with the certificate and those that signed it; web.key belongs to it.");
  static final Setting<String> KEY =
      Setting.absent(
          "web.key",
          Kind.text("a file", ".+"),
          "no TLS",
          "A PEM file with its key, not encrypted.");
  static final Setting<String> KEYSTORE =
      Setting.absent(
          "web.keystore",
          Kind.text("a file", ".+"),
          "no TLS",
          "A PKCS#12 key store instead of the two.");
  static final Setting<String> KEYSTORE_PASSWORD =
      Setting.absent(
          "web.keystore_password",
          Kind.text("a text, better from the environment: ${NAME}", ".*"),
          "none",
          "The key store's password.");
  static final Setting<Plain> PLAIN =
      Setting.of(
          "web.plain",
          Kind.word(Plain.class),
          "refuse",
          "allow: it is served without TLS elsewhere than on loopback, because something in front"
              + " of it encrypts.");

  static final List<Setting<?>> ALL =
      List.of(
          SERVED, BIND, PORT, HOSTS, TOKEN, CERTIFICATE, KEY, KEYSTORE, KEYSTORE_PASSWORD, PLAIN);

  private static final int SHORTEST_TOKEN = 24;

  private WebSettings() {}

  static Web read(SettingValues values, Problems problems) {
    Optional<String> token = values.find(TOKEN);
    if (token.filter(text -> text.length() < SHORTEST_TOKEN).isPresent()) {
      problems.error(values.place(TOKEN), TOKEN.key(), "is too short", "24 characters at least");
    }
    return new Web(
        values.get(SERVED),
        values.get(BIND),
        Math.toIntExact(values.get(PORT)),
        values.list(HOSTS),
        token.map(Secret::new),
        certificate(values, problems),
        values.get(PLAIN));
  }

  private static Optional<Certificate> certificate(SettingValues values, Problems problems) {
    Optional<Path> chain = values.find(CERTIFICATE).map(Path::of);
    Optional<Path> key = values.find(KEY).map(Path::of);
    Optional<Path> store = values.find(KEYSTORE).map(Path::of);
    if (chain.isPresent() != key.isPresent()) {
      Setting<?> given = chain.isPresent() ? CERTIFICATE : KEY;
      problems.error(
          values.place(given), given.key(), "stands alone", "web.certificate and web.key together");
    } else if (chain.isPresent() && store.isPresent()) {
      problems.error(
          values.place(KEYSTORE),
          KEYSTORE.key(),
          "stands beside web.certificate",
          "one of the two");
    } else if (chain.isPresent()) {
      return Optional.of(new Certificate.Pem(chain.get(), key.orElseThrow()));
    }
    return store.map(
        file ->
            new Certificate.KeyStore(file, new Secret(values.find(KEYSTORE_PASSWORD).orElse(""))));
  }
}
