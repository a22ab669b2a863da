package dev.pgportage.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Locale;
import org.jspecify.annotations.NullMarked;

/**
 * One rule of the structure, over the product or over any other tree of packages laid out like it.
 *
 * <p>The violation of a rule lies in the package {@code violations} plus the constant's name
 * without underscores.
 */
enum StructureRule {
  IMPORTS_DOWNWARD {
    @Override
    ArchRule over(String root) {
      return classes().should(new Layers(root).importNothingAbove());
    }
  },
  NO_SIBLINGS {
    @Override
    ArchRule over(String root) {
      return classes().should(new Layers(root).importNothingBeside());
    }
  },
  KNOWN_PACKAGES {
    @Override
    ArchRule over(String root) {
      return classes().should(new Layers(root).lieInKnownPackage());
    }
  },
  NO_CYCLES {
    @Override
    ArchRule over(String root) {
      return slices().matching(root + ".(*)..").should().beFreeOfCycles();
    }
  },
  NOBODY_IMPORTS_CLI {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideOutsideOfPackage(root + ".cli..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(root + ".cli..");
    }
  },
  NO_JDBC_IN_PGOUTPUT_AND_CONFIG {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideInAnyPackage(root + ".pgoutput..", root + ".config..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..")
          .allowEmptyShould(true);
    }
  },
  NO_JDBC_IN_WEB {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideInAPackage(root + ".web..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");
    }
  },
  FLINK_ONLY_IN_JOB {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideOutsideOfPackage(root + ".job..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.apache.flink..");
    }
  },
  NOBODY_IMPORTS_JOB {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideOutsideOfPackage(root + ".job..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage(root + ".job..");
    }
  },
  SPEAKING_PACKAGE_NAMES {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .should()
          .resideInAnyPackage(
              root + "..util..",
              root + "..utils..",
              root + "..common..",
              root + "..model..",
              root + "..impl..",
              root + "..helper..");
    }
  },
  STREAMS_ONLY_IN_CLI {
    @Override
    ArchRule over(String root) {
      return noClasses()
          .that()
          .resideOutsideOfPackage(root + ".cli..")
          .should(ACCESS_STANDARD_STREAMS);
    }
  },
  FEW_CONSTRUCTOR_PARAMETERS {
    @Override
    ArchRule over(String root) {
      return classes()
          .that()
          .areNotRecords()
          .and()
          .areNotAnonymousClasses()
          .and()
          .areNotEnums()
          .should(haveFewConstructorParameters());
    }
  },
  PACKAGES_NULL_MARKED {
    @Override
    ArchRule over(String root) {
      return classes().should(lieInNullMarkedPackage());
    }
  };

  private static final int MAX_PARAMETERS = 6;

  /** The rule over the packages below a root laid out like the product's. */
  abstract ArchRule over(String root);

  /** The package whose classes violate this rule. */
  String violation() {
    return StructureRule.class.getPackageName()
        + ".violations."
        + name().toLowerCase(Locale.ROOT).replace("_", "");
  }

  private static ArchCondition<JavaClass> haveFewConstructorParameters() {
    return new ArchCondition<>("have constructors of at most " + MAX_PARAMETERS + " parameters") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        for (var constructor : item.getConstructors()) {
          events.add(
              new SimpleConditionEvent(
                  item,
                  constructor.getRawParameterTypes().size() <= MAX_PARAMETERS,
                  constructor.getDescription() + " has too many parameters"));
        }
      }
    };
  }

  private static ArchCondition<JavaClass> lieInNullMarkedPackage() {
    return new ArchCondition<>("lie in a package with a @NullMarked package-info") {
      @Override
      public void check(JavaClass item, ConditionEvents events) {
        boolean marked = item.getPackage().isAnnotatedWith(NullMarked.class);
        events.add(
            new SimpleConditionEvent(
                item, marked, item.getPackageName() + " has no @NullMarked package-info"));
      }
    };
  }
}
