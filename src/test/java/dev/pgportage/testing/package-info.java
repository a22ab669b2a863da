/** What tests share: servers, databases with least-privilege roles, and PostgreSQL's programs. */
@NullMarked
package dev.pgportage.testing;

import org.jspecify.annotations.NullMarked;
