-- What watches and reads the shop's rows: foreign keys, indexes, views, triggers.
-- Third of three.

ALTER TABLE shop.customers
  ADD FOREIGN KEY (referred_by) REFERENCES shop.customers,
  ADD CONSTRAINT customers_main_address_fkey FOREIGN KEY (main_address_id)
    REFERENCES shop.customer_addresses DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE shop.customer_addresses
  ADD FOREIGN KEY (customer_id) REFERENCES shop.customers DEFERRABLE;
ALTER TABLE shop.orders ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;
ALTER TABLE shop.order_items
  ADD FOREIGN KEY (order_id, placed_at) REFERENCES shop.orders
    ON UPDATE CASCADE ON DELETE CASCADE,
  ADD FOREIGN KEY (product_id) REFERENCES shop.products;
ALTER TABLE shop.payments
  ADD FOREIGN KEY (order_id, placed_at) REFERENCES shop.orders
    ON UPDATE CASCADE ON DELETE CASCADE;
ALTER TABLE shop.reviews
  ADD FOREIGN KEY (product_id) REFERENCES shop.products,
  ADD FOREIGN KEY (customer_id) REFERENCES shop.customers;

CREATE INDEX ON shop.customers USING gin (name gin_trgm_ops);
CREATE INDEX customers_lower_name_idx ON shop.customers (lower(name));
CREATE INDEX ON shop.products USING gin (search);
CREATE INDEX ON shop.products USING gin (attributes jsonb_path_ops);
CREATE INDEX ON shop.products (category_id) INCLUDE (name);
CREATE INDEX ON shop.orders (customer_id);
CREATE INDEX orders_open_idx ON shop.orders (id) WHERE status = 'placed';
CREATE INDEX ON shop.order_items (product_id);
CREATE INDEX ON shop.payments (order_id, placed_at);
CREATE INDEX ON shop.clickstream (session);
CREATE UNIQUE INDEX promotions_lower_name_key ON shop.promotions (lower(name) DESC NULLS LAST);
COMMENT ON INDEX shop.orders_open_idx IS 'For the people who pack';

CREATE VIEW shop.order_totals AS
  SELECT o.id, o.placed_at, o.customer_id, o.status, sum(i.total) AS total
  FROM shop.orders o JOIN shop.order_items i ON i.order_id = o.id AND i.placed_at = o.placed_at
  GROUP BY o.id, o.placed_at, o.customer_id, o.status;
CREATE VIEW shop.best_customers AS
  SELECT c.id, c.email, sum(t.total) AS spent
  FROM shop.customers c JOIN shop.order_totals t ON t.customer_id = c.id
  WHERE t.status <> 'cancelled'
  GROUP BY c.id ORDER BY spent DESC LIMIT 100;
COMMENT ON VIEW shop.best_customers IS 'A view on a view';
CREATE MATERIALIZED VIEW shop.category_sales AS
  SELECT p.category_id, count(*) AS lines, sum(i.total) AS total
  FROM shop.order_items i JOIN shop.products p ON p.id = i.product_id
  GROUP BY p.category_id;
CREATE UNIQUE INDEX ON shop.category_sales (category_id);

CREATE FUNCTION shop.order_total(wanted bigint) RETURNS numeric
  LANGUAGE sql STABLE
  RETURN (SELECT coalesce(sum(total), 0) FROM shop.order_items WHERE order_id = wanted);

CREATE FUNCTION audit.record() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO audit.changes (object, change, before, after)
  VALUES (TG_TABLE_SCHEMA || '.' || TG_TABLE_NAME, TG_OP,
    CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD) - 'search' - 'description' - 'thumbnail' END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW) - 'search' - 'description' - 'thumbnail' END);
  RETURN NULL;
END
$body$;
CREATE TRIGGER record AFTER UPDATE OF price ON shop.products
  FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION audit.record();
CREATE TRIGGER record AFTER UPDATE OR DELETE ON shop.orders
  FOR EACH ROW EXECUTE FUNCTION audit.record();
COMMENT ON TRIGGER record ON shop.orders IS 'Writes audit.changes';

CREATE FUNCTION shop.tidy_review() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.body := btrim(NEW.body) || ' ✓';
  RETURN NEW;
END
$body$;
CREATE TRIGGER tidy BEFORE INSERT OR UPDATE OF body ON shop.reviews
  FOR EACH ROW EXECUTE FUNCTION shop.tidy_review();

CREATE PROCEDURE shop.restock(warehouse_wanted smallint, amount int) LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE shop.inventory SET on_hand = on_hand + amount WHERE warehouse = warehouse_wanted;
END
$body$;

GRANT USAGE ON SCHEMA shop TO PUBLIC;
GRANT SELECT ON shop.best_customers TO PUBLIC;

ANALYZE shop.customers, shop.products, shop.orders, shop.order_items, shop.payments;
