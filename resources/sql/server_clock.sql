-- The server's clock in microseconds since 1970: ages are always counted on the clock that stamped them.
SELECT (extract(epoch FROM pg_catalog.clock_timestamp()) * 1000000)::int8
