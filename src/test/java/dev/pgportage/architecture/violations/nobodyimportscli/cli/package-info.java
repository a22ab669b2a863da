/** Violates: what nobody may import. */
@NullMarked
package dev.pgportage.architecture.violations.nobodyimportscli.cli;

import org.jspecify.annotations.NullMarked;
