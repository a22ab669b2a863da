package dev.pgportage.aws;

import dev.pgportage.pg.Secret;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A stack somebody wants.
 *
 * @param stack its name
 * @param template what it is made of
 * @param answers the template's parameters but for the secret ones
 * @param secrets the secret ones
 * @param subnets where the replication runs
 * @param templateBucket where a long template is put; without one a bucket of its own is made, and
 *     removed
 */
public record Deployment(
    String stack,
    StackTemplate template,
    Map<String, String> answers,
    Map<String, Secret> secrets,
    List<String> subnets,
    Optional<String> templateBucket) {

  /** Copies what can be changed. */
  public Deployment {
    answers = Map.copyOf(answers);
    secrets = Map.copyOf(secrets);
    subnets = List.copyOf(subnets);
  }

  /** The same with an answer, unless there is one already or nobody asks. */
  Deployment answering(String name, String answer) {
    if (answers.containsKey(name) || !template.asks(name)) {
      return this;
    }
    var all = new TreeMap<>(answers);
    all.put(name, answer);
    return new Deployment(stack, template, all, secrets, subnets, templateBucket);
  }
}
