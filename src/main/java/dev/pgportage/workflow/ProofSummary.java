package dev.pgportage.workflow;

import java.util.List;
import java.util.Locale;

/**
 * How far all tables together are proven.
 *
 * @param tables how many there are, the large objects counted as one
 * @param proven how many are proven equal, changed since or not
 * @param changed how many of those have changed since: a cutover proves what changed
 * @param recopied how many are copied again and proven in the freeze
 * @param differing how many differ
 * @param open how many were not proven yet
 */
public record ProofSummary(
    int tables, int proven, int changed, int recopied, int differing, int open) {

  /** The sums over tables. */
  public static ProofSummary of(List<TableProof> proofs) {
    int proven = 0;
    int changed = 0;
    int recopied = 0;
    int differing = 0;
    int open = 0;
    for (TableProof proof : proofs) {
      switch (proof.standing()) {
        case PROVEN -> proven++;
        case CHANGED -> {
          proven++;
          changed++;
        }
        case RECOPIED -> recopied++;
        case DIFFERS -> differing++;
        case COMPARING, NOT_COMPARED -> open++;
      }
    }
    return new ProofSummary(proofs.size(), proven, changed, recopied, differing, open);
  }

  /** Whether every table whose changes are replicated was proven, and none differs. */
  public boolean complete() {
    return tables > 0 && differing == 0 && open == 0;
  }

  /** Whether that holds for the rows as they are now: nothing has changed since. */
  public boolean current() {
    return complete() && changed == 0;
  }

  /** The same for people. */
  public String text() {
    if (tables == 0) {
      return "no table yet";
    }
    String text =
        String.format(
            Locale.ROOT, "%,d of %,d table%s proven", proven, tables, tables == 1 ? "" : "s");
    text += differing > 0 ? String.format(Locale.ROOT, ", %,d DIFFER", differing) : "";
    text += changed > 0 ? String.format(Locale.ROOT, ", %,d changed since", changed) : "";
    return recopied > 0
        ? text + String.format(Locale.ROOT, ", %,d proven in the freeze", recopied)
        : text;
  }
}
