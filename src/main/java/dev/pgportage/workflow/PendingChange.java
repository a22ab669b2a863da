package dev.pgportage.workflow;

import java.time.Instant;
import java.util.List;

/**
 * A change of the source's schema that waits to be made on the target.
 *
 * @param digest of the source's new shape: what an approval is bound to
 * @param position the applied LSN when it was first shown
 * @param since when it was first shown
 * @param approved whether it was approved
 * @param changes what changed on the source, a line each
 * @param statements what will be run on the target
 * @param loads the tables whose rows will be loaded, for the first time or again
 */
public record PendingChange(
    String digest,
    String position,
    Instant since,
    boolean approved,
    List<String> changes,
    List<String> statements,
    List<String> loads) {}
