/**
 * What is peculiar to the providers of PostgreSQL servers: how one is recognised, which of its
 * endpoints cannot be used, what is its own, what it offers. All of it is data, in one file per
 * profile. Must not know what is done with it.
 */
@NullMarked
package dev.pgportage.profile;

import org.jspecify.annotations.NullMarked;
