package dev.pgportage.config;

import dev.pgportage.config.ChannelKeys.Choice;
import dev.pgportage.config.ChannelSettings.Protection;
import dev.pgportage.config.Problem.Place;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Reads the list {@code notifications}. Nothing it says quotes a secret. */
final class ChannelsReader {
  private final String origin;
  private final Environment environment;
  private final Problems problems;

  ChannelsReader(String origin, Environment environment, Problems problems) {
    this.origin = origin;
    this.environment = environment;
    this.problems = problems;
  }

  /** The channels the list names; those that are wrong become problems. */
  List<ChannelSettings> read(Optional<YamlNode> list) {
    var channels = new ArrayList<ChannelSettings>();
    switch (list.orElse(new YamlNode.Items(Place.named(origin), List.of()))) {
      case YamlNode.Items items -> items.items().forEach(item -> add(channels, item));
      case YamlNode.Nothing _ -> {}
      case YamlNode.Text text -> notList(text.place());
      case YamlNode.Keys keys -> notList(keys.place());
    }
    return channels;
  }

  private void notList(Place place) {
    problems.error(place, ChannelKeys.LIST, "is not a list", "items that begin with '- type: …'");
  }

  private void add(List<ChannelSettings> channels, YamlNode item) {
    if (!(item instanceof YamlNode.Keys keys)) {
      problems.error(item.place(), ChannelKeys.LIST, "an item has no keys", "- type: smtp, …");
      return;
    }
    Optional<ChannelKeys.Type> type = type(keys);
    if (type.isEmpty()) {
      return;
    }
    int before = problems.errors().size();
    var values =
        new SettingValues(known(ChannelKeys.of(type.get())), origin, environment, problems);
    values.addFile(keys);
    Optional<ChannelSettings> channel = new Item(values, keys.place()).read(type.get());
    if (channel.isEmpty() || problems.errors().size() > before) {
      return;
    }
    String name = channel.get().name();
    if (channels.stream().anyMatch(other -> other.name().equals(name))) {
      problems.error(
          keys.place(), ChannelKeys.LIST, "two channels are named " + name, "give each a name");
    }
    channels.add(channel.get());
  }

  private static SettingList known(List<Setting<?>> settings) {
    return new SettingList(settings, Map.of(), "docs/notifications.md");
  }

  private Optional<ChannelKeys.Type> type(YamlNode.Keys keys) {
    var alone = new SettingValues(known(List.of(ChannelKeys.TYPE)), origin, environment, problems);
    for (YamlNode.Entry entry : keys.entries()) {
      if (entry.key().equals(ChannelKeys.TYPE.key())) {
        alone.addFile(new YamlNode.Keys(keys.place(), List.of(entry)));
        return alone.find(ChannelKeys.TYPE);
      }
    }
    problems.error(
        keys.place(), ChannelKeys.LIST, "an item has no type", ChannelKeys.TYPE.kind().allowed());
    return Optional.empty();
  }

  /** One item. */
  private final class Item {
    private final SettingValues values;
    private final Place place;

    Item(SettingValues values, Place place) {
      this.values = values;
      this.place = place;
    }

    Optional<ChannelSettings> read(ChannelKeys.Type type) {
      var common =
          new ChannelSettings.Common(
              values.find(ChannelKeys.NAME).orElse(type.toString()), kinds());
      return switch (type) {
        case SMTP -> smtp(common);
        case SLACK ->
            url(true).map(url -> new ChannelSettings.Slack(common, url.secret(), trust(url.uri())));
        case WEBHOOK -> webhook(common);
        case SNS ->
            required(ChannelKeys.TOPIC).map(topic -> new ChannelSettings.Sns(common, topic));
      };
    }

    private Optional<ChannelSettings> webhook(ChannelSettings.Common common) {
      Optional<Secret> key = secret(ChannelKeys.SECRET);
      Optional<Secret> authorization = secret(ChannelKeys.AUTHORIZATION);
      return url(false)
          .map(
              url ->
                  new ChannelSettings.Webhook(
                      common,
                      url.secret(),
                      ChannelSettings.endpoint(url.uri()),
                      key,
                      authorization,
                      trust(url.uri())));
    }

    private Optional<ChannelSettings> smtp(ChannelSettings.Common common) {
      Optional<String> host = required(ChannelKeys.HOST);
      Optional<String> from = required(ChannelKeys.FROM);
      List<String> to = values.list(ChannelKeys.TO);
      if (to.isEmpty()) {
        missing(ChannelKeys.TO);
      }
      Protection protection = values.get(ChannelKeys.PROTECTION);
      Optional<ChannelSettings.Login> login = login(host.orElse(""), protection);
      if (host.isEmpty() || from.isEmpty() || to.isEmpty()) {
        return Optional.empty();
      }
      int usual =
          switch (protection) {
            case STARTTLS -> 587;
            case TLS -> 465;
            case NONE -> 25;
          };
      var server =
          new ChannelSettings.MailServer(
              host.get(),
              values.find(ChannelKeys.PORT).map(Math::toIntExact).orElse(usual),
              protection,
              trust(protection != Protection.NONE, host.get()));
      return Optional.of(new ChannelSettings.Smtp(common, server, login, from.get(), to));
    }

    private Optional<ChannelSettings.Login> login(String host, Protection protection) {
      Optional<String> user = values.find(ChannelKeys.USER);
      Optional<Secret> password = secret(ChannelKeys.PASSWORD);
      if (user.isPresent() != values.isGiven(ChannelKeys.PASSWORD)) {
        problems.error(place, ChannelKeys.USER.key(), "user and password go together", "both");
      }
      if (user.isPresent() && protection == Protection.NONE && !Endpoint.isLoopback(host)) {
        problems.error(
            values.place(ChannelKeys.PROTECTION),
            ChannelKeys.PROTECTION.key(),
            "the password would be sent in clear",
            "starttls or tls");
      }
      return user.flatMap(u -> password.map(p -> new ChannelSettings.Login(u, p)));
    }

    private Set<NoticeKind> kinds() {
      var kinds = EnumSet.noneOf(NoticeKind.class);
      List<String> words = values.list(ChannelKeys.KINDS);
      for (NoticeKind kind : NoticeKind.values()) {
        String sort = kind.trouble() ? ChannelKeys.TROUBLE : ChannelKeys.MILESTONES;
        if (!values.isGiven(ChannelKeys.KINDS)
            || Stream.of(ChannelKeys.ALL_KINDS, sort, kind.toString()).anyMatch(words::contains)) {
          kinds.add(kind);
        }
      }
      if (kinds.isEmpty()) {
        problems.error(
            values.place(ChannelKeys.KINDS),
            ChannelKeys.KINDS.key(),
            "names no kind, so that nothing would be told",
            ChannelKeys.KINDS.kind().allowed());
      }
      return kinds;
    }

    private record Address(Secret secret, URI uri) {}

    private Optional<Address> url(boolean secret) {
      Setting<String> setting = ChannelKeys.URL;
      Optional<String> text = required(setting);
      if (text.isEmpty()) {
        return Optional.empty();
      }
      if (secret && !values.raw(setting).map(Placeholders::isIn).orElse(false)) {
        inClear(setting);
        return Optional.empty();
      }
      try {
        var uri = new URI(text.get().strip());
        String host = uri.getHost();
        boolean plain = "http".equals(uri.getScheme());
        if (host == null
            || uri.getUserInfo() != null
            || !(plain || "https".equals(uri.getScheme()))) {
          throw new URISyntaxException("", "no usable URL");
        }
        if (plain && !Endpoint.isLoopback(host)) {
          problems.error(
              values.place(setting), setting.key(), "would be posted to in clear", "https://…");
        }
        return Optional.of(new Address(new Secret(uri.toString()), uri));
      } catch (URISyntaxException e) {
        problems.error(
            values.place(setting), setting.key(), "is no URL to post to", setting.kind().allowed());
        return Optional.empty();
      }
    }

    private Optional<String> required(Setting<String> setting) {
      Optional<String> value = values.find(setting).filter(text -> !text.isBlank());
      if (value.isEmpty() && (!values.isGiven(setting) || values.raw(setting).isPresent())) {
        missing(setting);
      }
      return value;
    }

    private void missing(Setting<?> setting) {
      problems.error(
          values.isGiven(setting) ? values.place(setting) : place,
          setting.key(),
          "is missing or empty",
          setting.kind().allowed());
    }

    private Optional<Secret> secret(Setting<String> setting) {
      if (!values.isGiven(setting)) {
        return Optional.empty();
      }
      if (!values.raw(setting).map(Placeholders::isWhole).orElse(false)) {
        inClear(setting);
        return Optional.empty();
      }
      return required(setting).map(Secret::new);
    }

    private void inClear(Setting<?> setting) {
      problems.error(
          values.place(setting),
          setting.key(),
          "stands in the file in clear",
          "${NAME}, a variable of the environment");
    }

    private ChannelSettings.Trust trust(URI uri) {
      return trust("https".equals(uri.getScheme()), uri.getHost());
    }

    private ChannelSettings.Trust trust(boolean used, String host) {
      boolean verify = values.get(ChannelKeys.VERIFY) == Choice.TRUE;
      Optional<Path> file = values.find(ChannelKeys.AUTHORITIES).map(environment::path);
      if (!verify && !Endpoint.isLoopback(host)) {
        problems.warning(
            values.place(ChannelKeys.VERIFY),
            ChannelKeys.VERIFY.key(),
            "whoever answers as " + host + " is trusted",
            "name its authority in ca_file");
      }
      if (!used && (values.isGiven(ChannelKeys.VERIFY) || file.isPresent())) {
        problems.warning(
            values.place(ChannelKeys.VERIFY),
            ChannelKeys.VERIFY.key(),
            "has no effect",
            "nothing here is encrypted");
      }
      if (file.isPresent() && !Files.isReadable(file.get())) {
        problems.error(
            values.place(ChannelKeys.AUTHORITIES),
            ChannelKeys.AUTHORITIES.key(),
            "cannot be read",
            "");
      }
      return new ChannelSettings.Trust(verify, file);
    }
  }
}
