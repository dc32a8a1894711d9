-- Prepared transactions. The function, not the view pg_prepared_xacts: the view reads the shared catalogs of databases and roles, which
-- needs a lock table entry, and there may be none left.
SELECT p.gid,
       p.transaction::text::int8,
       (extract(epoch FROM p.prepared) OPERATOR(pg_catalog.*) 1000000)::int8 AS prepared,
       p.ownerid::int8,
       p.dbid::int8
  FROM pg_catalog.pg_prepared_xact() AS p
