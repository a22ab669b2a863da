package dev.pgportage.ddl;

import dev.pgportage.ddl.Shape.ObjectShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How everything but tables changed between two readings. Immutable. */
final class ObjectDifferences {
  /** An object in both readings. */
  record Changed(ObjectShape then, ObjectShape now) {}

  private final Map<String, ObjectShape> thenByOid = new HashMap<>();
  private final Map<String, ObjectShape> thenByLabel = new HashMap<>();
  private final List<ObjectShape> made = new ArrayList<>();
  private final List<ObjectShape> gone = new ArrayList<>();
  private final List<Changed> changed = new ArrayList<>();

  ObjectDifferences(Shape then, Shape now) {
    then.objects().forEach(o -> thenByOid.put(key(o), o));
    then.objects().forEach(o -> thenByLabel.put(o.label(), o));
    var kept = new HashMap<String, ObjectShape>();
    for (ObjectShape object : now.objects()) {
      Optional<ObjectShape> former = former(object);
      former.ifPresent(f -> kept.put(key(f), f));
      if (former.isEmpty()) {
        made.add(object);
      } else if (!former.get().definition().equals(object.definition())
          || !former.get().identity().equals(object.identity())) {
        changed.add(new Changed(former.get(), object));
      }
    }
    then.objects().stream().filter(o -> !kept.containsKey(key(o))).forEach(gone::add);
  }

  /** OIDs are only unique within a catalog. */
  private static String key(ObjectShape object) {
    return object.type() + " " + object.oid();
  }

  /**
   * What an object was in the earlier reading: the same, or one that was dropped and made again
   * just as it was, as a change of a column's type does with its indexes; views excepted.
   */
  Optional<ObjectShape> former(ObjectShape object) {
    return Optional.ofNullable(thenByOid.get(key(object)))
        .or(
            () ->
                Optional.ofNullable(thenByLabel.get(object.label()))
                    .filter(former -> former.definition().equals(object.definition()))
                    // What reads columns keeps them from being altered, unless it is dropped too.
                    .filter(former -> !former.type().endsWith("VIEW")));
  }

  List<ObjectShape> made() {
    return made;
  }

  List<ObjectShape> gone() {
    return gone;
  }

  List<Changed> changed() {
    return changed;
  }

  void describe(List<String> lines) {
    made.forEach(o -> lines.add(words(o) + " is new: " + o.definition()));
    gone.forEach(o -> lines.add(words(o) + " is gone"));
    changed.forEach(
        c ->
            lines.add(
                words(c.then) + " was: " + c.then.definition() + "; is: " + c.now.definition()));
  }

  private static String words(ObjectShape object) {
    return object.type().toLowerCase(java.util.Locale.ROOT) + " " + object.identity();
  }
}
