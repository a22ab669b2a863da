-- The shop's rows, each computed from its number, so that every run makes the same ones.
-- Second of three; the setting shop.scale multiplies how many there are.

INSERT INTO shop.categories (parent_id, name)
SELECT CASE WHEN i > 8 THEN (i - 1) % 8 + 1 END, 'Category ' || i
FROM generate_series(1, 40) AS i;

INSERT INTO shop.customers
  (email, name, billing, born, tags, preferences, referred_by, created_at)
SELECT 'Customer.' || i || '@Example.com',
       initcap(substr(md5('first' || i), 1, 6)) || ' ' || initcap(substr(md5('last' || i), 1, 8)),
       CASE WHEN i % 11 > 0 THEN
         row((i % 200) || ' High Street', 'AB' || i % 10000, 'Town, "' || i % 97 || '"', 'GB')
           ::shop.address END,
       CASE WHEN i % 5 > 0 THEN date '1940-01-01' + i % 25000 END,
       CASE i % 4 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['new'] WHEN 2 THEN ARRAY['vip', 'a "b", c']
         ELSE ARRAY['gone', NULL, ''] END,
       jsonb_build_object('newsletter', i % 3 = 0, 'language', (ARRAY['en', 'de', 'ja'])[i % 3 + 1]),
       CASE WHEN i % 7 = 0 THEN i / 2 END,
       timestamptz '2024-01-01 00:00+00' + i * interval '7 minutes 3.14159 seconds'
FROM generate_series(1, (15000 * current_setting('shop.scale')::numeric)::int) AS i;

INSERT INTO shop.customer_addresses (customer_id, label, address)
SELECT id, label, row(id || ' ' || label || ' Road', 'ZZ ' || id % 1000, 'Città', 'IT')::shop.address
FROM shop.customers, (VALUES ('home'), ('work')) AS l (label)
WHERE id % 3 = 0;

UPDATE shop.customers c SET main_address_id = a.id
FROM shop.customer_addresses a WHERE a.customer_id = c.id AND a.label = 'home';

INSERT INTO shop.products
  (sku, category_id, name, description, price, vat, shelf, attributes, tags, box_cm, thumbnail)
SELECT 'S' || lpad(i::text, 8, '0'), i % 40 + 1,
       (ARRAY['Red', 'Blue', 'Tiny', 'Grand', 'Ærø'])[i % 5 + 1] || ' '
         || (ARRAY['kettle', 'lamp', 'chair', 'carpet', 'bicycle', '茶碗'])[i % 6 + 1] || ' ' || i,
       (SELECT string_agg(md5(i || '/' || w), ' ') FROM generate_series(1, 8) AS w),
       (i * 7919 % 50000) / 100.0, CASE WHEN i % 6 = 0 THEN 5.5 ELSE 20 END, i,
       jsonb_build_object('colour', i % 9, 'weight', i % 300 / 10.0,
         'parts', jsonb_build_array(i, i::text, NULL, jsonb_build_object('deep', i % 2 = 0))),
       ARRAY['t' || i % 20, 'u' || i % 13],
       CASE WHEN i % 3 > 0 THEN ARRAY[i % 90, i % 80 + 0.5, i % 70] END,
       CASE WHEN i % 4 = 0 THEN decode(repeat(md5(i::text), 8) || '00ff', 'hex') END
FROM generate_series(1, (3000 * current_setting('shop.scale')::numeric)::int) AS i;

INSERT INTO shop.inventory
SELECT id, w, 100000, timestamp '2026-01-01' + id * interval '1 second'
FROM shop.products, generate_series(1, 3) AS w;

INSERT INTO shop.promotions (name, during, percent)
SELECT 'Week ' || i, daterange(date '2026-01-01' + i * 7, date '2026-01-01' + i * 7 + 7), i / 3.0
FROM generate_series(1, 26) AS i;

INSERT INTO shop.orders (placed_at, customer_id, status, ship_to, note)
SELECT timestamptz '2026-01-01 00:00+00' + i * interval '5 minutes' / current_setting('shop.scale')::numeric,
       i * 31::bigint % (SELECT count(*) FROM shop.customers) + 1,
       (ARRAY['placed', 'paid', 'shipped', 'shipped', 'cancelled'])[i % 5 + 1]::shop.order_status,
       CASE WHEN i % 2 = 0 THEN row(i || ' Lane', 'X1' || i % 99, 'Ville', 'FR')::shop.address END,
       CASE i % 10 WHEN 0 THEN '' WHEN 1 THEN E'Ring\ttwice\nplease' WHEN 2 THEN '\N' END
FROM generate_series(1, (60000 * current_setting('shop.scale')::numeric)::int) AS i;

INSERT INTO shop.order_items (order_id, placed_at, line, product_id, quantity, unit_price)
SELECT o.id, o.placed_at, l, (o.id * l * 13) % p.count + 1, l % 4 + 1, (o.id * l) % 9000 / 100.0
FROM shop.orders o, (SELECT count(*) FROM shop.products) p, generate_series(1, 4) AS l
WHERE l <= o.id % 4 + 1;

INSERT INTO shop.payments
  (order_id, placed_at, attempt, reference, amount, method, token, paid_at)
SELECT id, placed_at, 1, md5('payment' || id)::uuid, id % 30000 / 100.0,
       (ARRAY['card', 'transfer', 'gift card'])[id % 3 + 1]::shop.payment_method,
       CASE WHEN id % 3 = 0 THEN decode(md5(id::text), 'hex') END,
       placed_at + interval '90.000001 seconds'
FROM shop.orders WHERE status IN ('paid', 'shipped');

INSERT INTO shop.reviews (product_id, customer_id, stars, body, written_at)
SELECT i % p.count + 1, i, i % 5 + 1,
       CASE WHEN i % 50 = 0 THEN repeat(md5(i::text) || ' ', 300)
         ELSE 'I ' || (ARRAY['love', 'hate', 'lost'])[i % 3 + 1] || ' it. ' || md5(i::text) END,
       timestamptz '2026-03-01 00:00+00' + i * interval '1 minute'
FROM (SELECT count(*) FROM shop.products) p, (SELECT count(*) FROM shop.customers) c,
     generate_series(1, c.count) AS i
WHERE i % 2 = 0;

INSERT INTO shop.clickstream
SELECT timestamptz '2026-06-01 00:00+00' + i / 2 * interval '1 second',
       inet '10.0.0.0' + i % 65536, md5('session' || i / 20)::uuid, '/product/' || i % 500,
       CASE i % 100 WHEN 0 THEN 'NaN' WHEN 1 THEN NULL ELSE i % 37 / 7.0 END
FROM generate_series(1, (20000 * current_setting('shop.scale')::numeric)::int) AS i;
INSERT INTO shop.clickstream SELECT * FROM shop.clickstream LIMIT 500;

INSERT INTO shop.session_cache
SELECT md5('cache' || i)::uuid, jsonb_build_object('cart', i), timestamptz '2026-07-01 00:00+00'
FROM generate_series(1, 1000) AS i;

INSERT INTO shop.documents
SELECT i, 'terms-' || i || '.pdf', lo_from_bytea(0, decode(repeat(md5(i::text), 3000), 'hex'))
FROM generate_series(1, 5) AS i;

INSERT INTO shop."Gift ""Cards"" (old)"
SELECT 'GC-' || i, i % 20 * 5 + 0.50,
       CASE WHEN i % 2 = 1 THEN 'infinity' ELSE date '2027-01-01' + i END
FROM generate_series(1, 500) AS i;

SELECT nextval('shop.ticket_seq') FROM generate_series(1, 42);
