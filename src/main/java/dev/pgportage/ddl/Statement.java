package dev.pgportage.ddl;

/**
 * A statement that is no entry of the dump.
 *
 * @param kind what it does, such as {@code DROP INDEX}
 * @param name of which object
 * @param sql one or several statements
 */
record Statement(String kind, String name, String sql) {}
