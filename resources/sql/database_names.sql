-- Databases with the encoding that their sessions write in.
SELECT d.oid::int8, d.datname, pg_catalog.pg_encoding_to_char(d.encoding) FROM pg_catalog.pg_database AS d
