package dev.pgportage.demo;

import dev.pgportage.pg.Sql;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * A small shop's database, made by three scripts that its owner runs: tables, rows, and the logic
 * over them (foreign keys, indexes, views, triggers).
 */
public final class Shop {
  private Shop() {}

  /**
   * Makes all of it.
   *
   * @param scale about how many times 60 MB
   */
  public static void create(Connection owner, double scale) throws SQLException {
    createTables(owner);
    fill(owner, scale);
    createLogic(owner);
  }

  /** Makes the empty tables and the types they need. */
  public static void createTables(Connection owner) throws SQLException {
    Sql.execute(owner, script("shop-tables.sql"));
  }

  /** Fills the tables, each time with the same rows. */
  static void fill(Connection owner, double scale) throws SQLException {
    Sql.queryText(owner, "SELECT set_config('shop.scale', ?, false)", String.valueOf(scale));
    Sql.execute(owner, script("shop-rows.sql"));
  }

  /** Makes what watches and reads the tables. */
  public static void createLogic(Connection owner) throws SQLException {
    Sql.execute(owner, script("shop-logic.sql"));
  }

  private static String script(String name) {
    try (InputStream in = Shop.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("The program lacks its file " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
