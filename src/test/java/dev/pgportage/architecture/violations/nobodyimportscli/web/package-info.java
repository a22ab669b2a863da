/** Violates: nobody imports cli. */
@NullMarked
package dev.pgportage.architecture.violations.nobodyimportscli.web;

import org.jspecify.annotations.NullMarked;
