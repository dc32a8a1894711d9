SELECT d.oid::int8, d.datname FROM pg_catalog.pg_database AS d
