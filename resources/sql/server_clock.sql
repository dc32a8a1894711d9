-- The server's clock in microseconds since 1970: ages are always counted on the clock that stamped them.
-- OPERATOR(pg_catalog.*), here and wherever the types on both sides differ: a database may define a * of its own in public
-- that fits them better than any of pg_catalog, and the parser would call that one.
SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) OPERATOR(pg_catalog.*) 1000000)::int8
