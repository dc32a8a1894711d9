SELECT r.oid::int8, r.rolname FROM pg_catalog.pg_roles AS r
