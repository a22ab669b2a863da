package dev.pgportage.demo;

import dev.pgportage.pg.Sql;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.TreeSet;
import java.util.UUID;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * What a shop does in its database, one method a transaction, none of them committing. Belongs to
 * one session and one thread.
 */
final class ShopTransactions {
  private final Connection connection;
  private final RandomGenerator random;
  private final int customers;
  private final int products;
  private long lastOrder;

  /** The kinds of transactions, each with how often it comes. */
  enum Kind {
    PLACE_ORDER(30),
    PAY(20),
    CLICK(12),
    REVIEW(10),
    CHANGE_PRICE(8),
    CANCEL(5),
    MOVE_ORDER(5),
    CHANGE_MIND(5),
    RENAME_CARD(4),
    SWAP_SHELVES(4),
    REMEMBER_CART(4),
    ADD_CUSTOMER(3),
    EDIT_DOCUMENT(1);

    private static final int TOTAL = sum();

    private final int weight;

    Kind(int weight) {
      this.weight = weight;
    }

    private static int sum() {
      int sum = 0;
      for (Kind kind : values()) {
        sum += kind.weight;
      }
      return sum;
    }

    /** One of them by chance. */
    static Kind any(RandomGenerator random) {
      int ticket = random.nextInt(TOTAL);
      for (Kind kind : values()) {
        ticket -= kind.weight;
        if (ticket < 0) {
          return kind;
        }
      }
      throw new AssertionError("the weights do not add up");
    }
  }

  /** Up to where ids have no gap: sequences set ahead at the cutover leave one. */
  private static final String UNBROKEN =
      """
      SELECT min(id) FROM %1$s AS one
      WHERE NOT EXISTS (SELECT FROM %1$s AS next WHERE next.id = one.id + 1)
      """;

  ShopTransactions(Connection connection, RandomGenerator random) throws SQLException {
    this.connection = connection;
    this.random = random;
    customers = (int) number(UNBROKEN.formatted("shop.customers"));
    products = (int) number(UNBROKEN.formatted("shop.products"));
    lastOrder = number("SELECT max(id) FROM shop.orders");
  }

  /**
   * Does all of one transaction but its commit.
   *
   * @param tx recorded in the ledger of the shop by the transaction itself
   */
  void run(Kind kind, UUID tx, int writer) throws SQLException {
    switch (kind) {
      case PLACE_ORDER -> placeOrder();
      case PAY -> pay();
      case CLICK -> click();
      case REVIEW -> review();
      case CHANGE_PRICE -> changePrice();
      case CANCEL -> cancel();
      case MOVE_ORDER -> moveOrder();
      case CHANGE_MIND -> changeMind();
      case RENAME_CARD -> renameCard();
      case SWAP_SHELVES -> swapShelves();
      case REMEMBER_CART -> rememberCart();
      case ADD_CUSTOMER -> addCustomer();
      case EDIT_DOCUMENT -> editDocument();
    }
    update("INSERT INTO shop.committed VALUES (?, ?, ?)", tx, writer, kind.name());
  }

  private void placeOrder() throws SQLException {
    lastOrder =
        number(
            """
            INSERT INTO shop.orders (placed_at, customer_id, ship_to, note)
            VALUES (timestamptz '2025-12-25 00:00+00' + make_interval(secs => ?), ?,
                    row(?, 'AB 12', 'O''Fallon, "IL"', 'US')::shop.address, ?)
            RETURNING id
            """,
            random.nextInt(200 * 24 * 3600) + 0.123456,
            customer(),
            random.nextInt(100) + " Elm St",
            random.nextInt(3) == 0 ? null : "");
    // In order of number, so that two orders of the same products wait rather than deadlock.
    var chosen = new TreeSet<Integer>();
    for (int i = 0; i <= random.nextInt(4); i++) {
      chosen.add(product());
    }
    int line = 0;
    for (int product : chosen) {
      line++;
      addItem(line, product, 1 + random.nextInt(3));
    }
  }

  private void addItem(int line, int product, int quantity) throws SQLException {
    update(
        """
          INSERT INTO shop.order_items
                 (order_id, placed_at, line, product_id, quantity, unit_price)
          SELECT o.id, o.placed_at, ?, p.id, ?, p.price
            FROM shop.orders o, shop.products p WHERE o.id = ? AND p.id = ?
          """,
        line,
        quantity,
        lastOrder,
        product);
    update(
        """
          UPDATE shop.inventory SET on_hand = on_hand - ?, counted_at = localtimestamp
           WHERE product_id = ? AND warehouse = ? AND on_hand >= ?
          """,
        quantity,
        product,
        1 + random.nextInt(3),
        quantity);
  }

  private void pay() throws SQLException {
    update(
        """
        WITH due AS (
          SELECT id FROM shop.orders WHERE status = 'placed' AND id >= ?
           ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED),
        paid AS (
          UPDATE shop.orders o SET status = 'paid' FROM due WHERE o.id = due.id
          RETURNING o.id, o.placed_at)
        INSERT INTO shop.payments
               (order_id, placed_at, attempt, reference, amount, method, token, paid_at)
        SELECT id, placed_at, 1, ?, shop.order_total(id), 'card', decode(?, 'hex'), now() FROM paid
        ON CONFLICT (reference) DO NOTHING
        """,
        order(),
        UUID.randomUUID(),
        "00ff" + Integer.toHexString(0x10000000 + random.nextInt(1000)));
  }

  private void click() throws SQLException {
    UUID session = UUID.randomUUID();
    for (int i = 0; i < 5; i++) {
      update(
          "INSERT INTO shop.clickstream VALUES (now(), inet '10.0.0.0' + ?, ?, ?, ?)",
          random.nextInt(65536),
          session,
          "/product/" + product(),
          i == 0 ? null : Float.NaN);
    }
    String other = "session" + random.nextInt(500);
    update(
        "UPDATE shop.clickstream SET seconds = coalesce(seconds, 0) + 1 WHERE session = md5(?)::uuid",
        other);
    update(
        """
        DELETE FROM shop.clickstream WHERE ctid =
          (SELECT ctid FROM shop.clickstream WHERE session = md5(?)::uuid LIMIT 1)
        """,
        "session" + random.nextInt(500));
  }

  private void review() throws SQLException {
    update(
        """
        INSERT INTO shop.reviews (product_id, customer_id, stars, body, written_at)
        VALUES (?, ?, ?, ?, now())
        ON CONFLICT (product_id, customer_id) DO UPDATE SET stars = excluded.stars
        """,
        product(),
        customer(),
        1 + random.nextInt(5),
        " Works. ".repeat(1 + random.nextInt(500)));
  }

  private void changePrice() throws SQLException {
    update(
        "UPDATE shop.products SET price = price + 0.01 WHERE id = ? OR id = ?",
        product(),
        product());
  }

  private void cancel() throws SQLException {
    update("DELETE FROM shop.orders WHERE id = ?", order());
  }

  private void moveOrder() throws SQLException {
    update(
        "UPDATE shop.orders SET placed_at = placed_at + interval '31 days' WHERE id = ?", order());
  }

  private void changeMind() throws SQLException {
    var before = connection.setSavepoint();
    update("DELETE FROM shop.reviews WHERE product_id = ?", product());
    addCustomer();
    connection.rollback(before);
    changePrice();
  }

  private void renameCard() throws SQLException {
    update(
        """
        UPDATE shop."Gift ""Cards"" (old)" SET "Code #" = ?, "select" = "select" + 1
         WHERE "Code #" = (SELECT "Code #" FROM shop."Gift ""Cards"" (old)" OFFSET ? LIMIT 1)
        """,
        "GC \"" + UUID.randomUUID() + "\" '☃",
        random.nextInt(400));
  }

  private void swapShelves() throws SQLException {
    int one = product();
    int other = product();
    update(
        """
        UPDATE shop.products p SET shelf = q.shelf FROM shop.products q
         WHERE (p.id = ? AND q.id = ?) OR (p.id = ? AND q.id = ?)
        """,
        one,
        other,
        other,
        one);
  }

  private void rememberCart() throws SQLException {
    update(
        """
        INSERT INTO shop.session_cache VALUES (md5(?)::uuid, '{"cart": []}', now())
        ON CONFLICT (session) DO UPDATE SET expires = now()
        """,
        "cache" + random.nextInt(2000));
  }

  private void addCustomer() throws SQLException {
    long customer =
        number(
            """
            INSERT INTO shop.customers (email, name, tags, referred_by)
            VALUES (?, 'New "One"', '{new,""}', ?) RETURNING id
            """,
            UUID.randomUUID() + "@Example.org",
            customer());
    long address =
        number(
            """
            INSERT INTO shop.customer_addresses (customer_id, label, address)
            VALUES (?, 'home', row('1 Way', 'NW1 6XE', '', 'GB')::shop.address) RETURNING id
            """,
            customer);
    update("UPDATE shop.customers SET main_address_id = ? WHERE id = ?", address, customer);
  }

  private void editDocument() throws SQLException {
    int document = 1 + random.nextInt(5);
    // The row first: before PostgreSQL 16 a read-only database refuses it, and not the content.
    update("UPDATE shop.documents SET name = name WHERE id = ?", document);
    Sql.queryText(
        connection,
        "SELECT lo_put(content, ?, decode('00ff5c', 'hex')) FROM shop.documents WHERE id = ?",
        random.nextInt(40000),
        document);
  }

  private int customer() {
    return 1 + random.nextInt(customers);
  }

  private int product() {
    return 1 + random.nextInt(products);
  }

  private long order() {
    return 1 + random.nextLong(lastOrder);
  }

  private long number(String sql, @Nullable Object... parameters) throws SQLException {
    return Sql.queryLong(connection, sql, parameters);
  }

  private void update(String sql, @Nullable Object... parameters) throws SQLException {
    Sql.update(connection, sql, parameters);
  }
}
