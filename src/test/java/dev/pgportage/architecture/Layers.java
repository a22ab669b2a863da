package dev.pgportage.architecture;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Set;

/** The packages from the lowest layer to the highest; the root itself lies below them all. */
final class Layers {
  private static final List<Set<String>> LAYERS =
      List.of(
          Set.of(""),
          Set.of("pg"),
          Set.of("config", "pgoutput", "profile", "spool"),
          // Events are defined in telemetry and stored by state.
          Set.of("telemetry"),
          Set.of("state"),
          // What was made of the schema is noted in the state, in the same commit.
          Set.of("schema"),
          Set.of("spread"),
          Set.of(
              "assess",
              "discovery",
              "load",
              "cdc",
              "validation",
              "cutover",
              "ddl",
              "notify",
              "flink"),
          Set.of("workflow"),
          Set.of("aws", "demo", "web", "fleet", "job"),
          Set.of("cli"));

  private final String root;

  Layers(String root) {
    this.root = root;
  }

  /** Every dependency inside the product leads to the same layer or a lower one. */
  ArchCondition<JavaClass> importNothingAbove() {
    return condition("import nothing from a higher layer", (own, other) -> other > own);
  }

  /** No dependency leads to another package of the same layer. */
  ArchCondition<JavaClass> importNothingBeside() {
    return condition("import no sibling", (own, other) -> other == own);
  }

  /** The class lies in a package this table knows. */
  ArchCondition<JavaClass> lieInKnownPackage() {
    return new ArchCondition<>("lie in a package that has a layer") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean known = layer(item) >= 0;
        events.add(
            new SimpleConditionEvent(
                item, known, item.getName() + " lies in a package without a layer"));
      }
    };
  }

  private interface Verdict {
    boolean violates(int ownLayer, int otherLayer);
  }

  private ArchCondition<JavaClass> condition(String description, Verdict verdict) {
    return new ArchCondition<>(description) {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (Dependency dependency : item.getDirectDependenciesFromSelf()) {
          JavaClass other = dependency.getTargetClass();
          if (isInside(other) && !segment(item).equals(segment(other))) {
            events.add(
                new SimpleConditionEvent(
                    item,
                    !verdict.violates(layer(item), layer(other)),
                    dependency.getDescription()));
          }
        }
      }
    };
  }

  private int layer(JavaClass type) {
    for (int layer = 0; layer < LAYERS.size(); layer++) {
      if (LAYERS.get(layer).contains(segment(type))) {
        return layer;
      }
    }
    return -1;
  }

  private boolean isInside(JavaClass type) {
    return type.getPackageName().equals(root) || type.getPackageName().startsWith(root + ".");
  }

  /** The first part of the package's name below the root; empty for the root itself. */
  private String segment(JavaClass type) {
    String name = type.getPackageName();
    if (name.length() == root.length()) {
      return "";
    }
    String below = name.substring(root.length() + 1);
    int dot = below.indexOf('.');
    return dot < 0 ? below : below.substring(0, dot);
  }
}
