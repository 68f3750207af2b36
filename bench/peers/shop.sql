-- The shop in PostgreSQL: 20,000 products, 60,000 offers. Made in the schema `shop`, the only one PostGraphile is shown.
CREATE SCHEMA shop;
SET search_path = shop;
CREATE TYPE status AS ENUM ('ACTIVE', 'DRAFT', 'RETIRED');
CREATE TABLE brand (id text PRIMARY KEY, name text NOT NULL, slug text NOT NULL, logo_url text, country text NOT NULL);
CREATE TABLE location (
    id text PRIMARY KEY, name text NOT NULL, city text NOT NULL, country text NOT NULL, lat float8 NOT NULL,
    lng float8 NOT NULL, postal_code text NOT NULL, phone text
);
CREATE TABLE product (
    id text PRIMARY KEY, gtin text NOT NULL, name text NOT NULL, slug text NOT NULL, description text NOT NULL,
    category text NOT NULL, net_content float8 NOT NULL, net_content_unit text NOT NULL, weight float8 NOT NULL,
    height float8 NOT NULL, width float8 NOT NULL, depth float8 NOT NULL, price float8 NOT NULL, currency text NOT NULL,
    status status NOT NULL, is_active bool NOT NULL, is_organic bool NOT NULL, is_vegan bool,
    country_of_origin text NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, image_url text,
    rating float8, rating_count int NOT NULL, age_min int, ingredients text, nutrition_grade text, color text, size text,
    brand_id text NOT NULL REFERENCES brand
);
CREATE TABLE offer (
    id text PRIMARY KEY, price float8 NOT NULL, currency text NOT NULL, url text NOT NULL, availability text NOT NULL,
    quantity int NOT NULL, product_id text NOT NULL REFERENCES product, location_id text NOT NULL REFERENCES location
);
SELECT setseed(0.5);
INSERT INTO brand
SELECT lpad(to_hex(n), 12, '0'), 'Brand ' || n, 'brand-' || n, 'https://cdn.example/b' || n || '.png', 'US'
FROM generate_series(1, 1000) n;
INSERT INTO location
SELECT lpad(to_hex(n), 12, 'x'), 'Store ' || n, 'City ' || n, 'US', 40 + random(), -74 + random(), (10000 + n)::text,
    '+12125550100'
FROM generate_series(1, 5000) n;
INSERT INTO product
SELECT lpad(to_hex(n), 12, '0'), '0' || (7000000000000 + n), 'Product number ' || n, 'product-number-' || n,
    repeat('A very fine product, made with care & sold in many stores. ', 2), (ARRAY['food', 'drink', 'care'])[1 + n % 3],
    250 + n, 'GRM', 0.25, 10.5, 3.25, 4, round((random() * 50)::numeric, 2), 'USD',
    (ARRAY['ACTIVE', 'DRAFT', 'RETIRED'])[1 + n % 3]::status, true, n % 2 = 0, CASE WHEN n % 5 = 0 THEN NULL ELSE true END,
    'US', timestamptz '2026-01-01 00:00Z' + n * interval '1 min', timestamptz '2026-01-01 00:00Z' + n * interval '2 min',
    'https://cdn.example/p' || n || '.jpg', round((random() * 5)::numeric, 1), n % 1000, NULL, 'water, sugar, salt', 'B',
    'red', NULL, lpad(to_hex(1 + n % 1000), 12, '0')
FROM generate_series(1, 20000) n;
INSERT INTO offer
SELECT lpad(to_hex(n), 12, '0'), round((random() * 50)::numeric, 2), 'USD', 'https://shop.example/' || n, 'IN_STOCK',
    n % 100, lpad(to_hex(1 + n % 20000), 12, '0'), lpad(to_hex(1 + (random() * 4999)::int), 12, 'x')
FROM generate_series(1, 60000) n;
CREATE INDEX ON product (brand_id);
CREATE INDEX ON offer (product_id);
CREATE INDEX ON offer (location_id);
ANALYZE brand, location, product, offer;
