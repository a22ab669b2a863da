package dev.pgportage.architecture.violations.nosiblings.load;

import dev.pgportage.architecture.violations.nosiblings.cdc.Applier;

record Loader(Applier applier) {}
