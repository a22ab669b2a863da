package dev.pgportage.config;

import dev.pgportage.config.MigrationConfig.Cutover;
import dev.pgportage.config.Switching.Pooler;
import dev.pgportage.pg.Endpoint;
import dev.pgportage.pg.Secret;
import dev.pgportage.pg.Side;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The section {@code cutover}. */
final class CutoverSettings {
  private final SettingValues values;
  private final Environment environment;
  private final Problems problems;

  CutoverSettings(SettingValues values, Environment environment, Problems problems) {
    this.values = values;
    this.environment = environment;
    this.problems = problems;
  }

  Cutover read() {
    return new Cutover(
        values.get(Settings.FENCE),
        List.copyOf(values.list(Settings.LOCKED_ROLES)),
        values.get(Settings.HEADROOM),
        values.get(Settings.MAX_LAG),
        values.get(Settings.DRAIN_TIMEOUT),
        values.get(Settings.SILENCE),
        values.get(SwitchSettings.REVERSE),
        new Switching(
            given(SwitchSettings.COMMAND),
            given(SwitchSettings.WEBHOOK),
            given(SwitchSettings.HEADER).map(Secret::new),
            values.get(SwitchSettings.TIMEOUT),
            poolers(),
            values.find(SwitchSettings.DATABASE)));
  }

  private Optional<String> given(Setting<String> setting) {
    return values.find(setting).filter(text -> !text.equals(SwitchSettings.NONE));
  }

  private List<Pooler> poolers() {
    var poolers = new ArrayList<Pooler>();
    for (String text : values.list(SwitchSettings.PGBOUNCER)) {
      String[] parts = text.split(" ", 2);
      Optional<Endpoint> console =
          new ConnectionUrl(
                  Side.SOURCE, values.place(SwitchSettings.PGBOUNCER), environment, problems)
              .read(parts[0]);
      Optional<Path> file =
          parts.length == 2 ? Optional.of(Path.of(parts[1].strip())) : Optional.empty();
      console.ifPresent(endpoint -> poolers.add(new Pooler(endpoint, file)));
    }
    return poolers;
  }
}
