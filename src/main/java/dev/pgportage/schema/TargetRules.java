package dev.pgportage.schema;

import dev.pgportage.pg.Quoting;
import dev.pgportage.profile.Profile;
import dev.pgportage.profile.Profiles;
import dev.pgportage.schema.SchemaItem.Stage;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is done with an entry because of what the target has, offers and permits. Not thread-safe.
 */
final class TargetRules {
  private static final Pattern EXTENSION_SCHEMA =
      Pattern.compile("WITH SCHEMA \"((?:[^\"]|\"\")+)\"");

  private final TargetFacts target;
  private final Set<String> madeMethods = new HashSet<>();

  TargetRules(TargetFacts target) {
    this.target = target;
  }

  /** Knows an access method that will be made. */
  void makes(TocEntry method) {
    madeMethods.add(method.tag());
  }

  Verdict schema(TocEntry entry) {
    var owner = Profiles.ownerOfSchema(entry.tag());
    if (owner.isPresent()) {
      return Verdict.leaveOut(owner.get().ownership());
    }
    if (target.schemas().contains(entry.tag())) {
      return Verdict.skip("is on the target already");
    }
    return entry.tag().equals("public")
        ? Verdict.rewrite(
            Stage.PRE_DATA, "the target has no schema public", "CREATE SCHEMA \"public\";")
        : Verdict.apply(Stage.PRE_DATA, entry);
  }

  Verdict extension(TocEntry entry) {
    String name = entry.tag();
    String installedIn = target.installed().get(name);
    if (installedIn == null && !target.available().contains(name)) {
      return Verdict.leaveOut(
          Profiles.ownerOfExtension(name)
              .map(Profile::ownership)
              .orElse("the target does not offer it"));
    }
    if (target.refused().contains(name)) {
      return Verdict.leaveOut("only a superuser can make it on the target");
    }
    Matcher schema = EXTENSION_SCHEMA.matcher(entry.definition());
    if (installedIn != null && schema.find()) {
      String wanted = schema.group(1).replace("\"\"", "\"");
      if (!wanted.equals(installedIn)) {
        return Verdict.block(
            "is on the target in schema %s, on the source in %s: ALTER EXTENSION %s SET SCHEMA %s"
                .formatted(
                    installedIn, wanted, Quoting.identifier(name), Quoting.identifier(wanted)));
      }
      return Verdict.skip("is on the target already");
    }
    return Verdict.apply(Stage.PRE_DATA, entry);
  }

  Verdict comment(TocEntry entry) {
    if (entry.tag().startsWith("EXTENSION ")) {
      return Verdict.skip("comes with the extension");
    }
    if (entry.tag().startsWith("DATABASE ")) {
      return Verdict.skip("belongs to the source database itself");
    }
    if (entry.tag().equals("SCHEMA \"public\"")
        && (!target.ownsPublic() || entry.definition().contains("'standard public schema'"))) {
      return Verdict.skip("schema public is not ours on the target");
    }
    return Verdict.apply(Stage.PRE_DATA, entry);
  }

  Verdict table(TocEntry entry) {
    String method = entry.accessMethod();
    if (method == null || method.isEmpty() || method.equals("heap")) {
      return Verdict.apply(Stage.PRE_DATA, entry);
    }
    return target.accessMethods().contains(method) || madeMethods.contains(method)
        ? Verdict.rewrite(
            Stage.PRE_DATA,
            "has a table access method of its own",
            "SET LOCAL default_table_access_method = "
                + Quoting.identifier(method)
                + ";\n"
                + entry.definition())
        : Verdict.rewrite(
            Stage.PRE_DATA,
            "the target has no table access method %s: is made with heap".formatted(method),
            entry.definition());
  }

  Verdict other(TocEntry entry, Stage stage) {
    if (target.superuser()) {
      return Verdict.apply(stage, entry);
    }
    if (SuperuserOnly.is(entry)) {
      return Verdict.leaveOut("only a superuser can make it on the target");
    }
    return SuperuserOnly.isLeakproof(entry)
        ? Verdict.rewrite(
            stage,
            "only a superuser may promise LEAKPROOF: is made without it",
            SuperuserOnly.withoutPromise(entry))
        : Verdict.apply(stage, entry);
  }
}
