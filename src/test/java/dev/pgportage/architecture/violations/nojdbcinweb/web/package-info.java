/** Violates: no JDBC in web. */
@NullMarked
package dev.pgportage.architecture.violations.nojdbcinweb.web;

import org.jspecify.annotations.NullMarked;
