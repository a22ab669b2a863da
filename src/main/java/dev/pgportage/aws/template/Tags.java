package dev.pgportage.aws.template;

import java.util.List;

/** The tags of everything a stack makes. */
final class Tags {
  /** The key of the tag that names the stack, also on rules the workflow adds to groups. */
  static final String RULES = "pgportage-stack";

  private Tags() {}

  static List<Object> of(String name) {
    return List.of(
        Json.object("Key", "Name", "Value", Intrinsic.named(name)),
        Json.object("Key", RULES, "Value", Intrinsic.ref("AWS::StackName")));
  }
}
