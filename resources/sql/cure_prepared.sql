-- The gid of the prepared transaction with this transaction id that was prepared at this moment (microseconds since 1970). A gid
-- may be used again by a later transaction, which has another transaction id; those come round again after four billion, and
-- the moment tells them apart. Reads no catalog.
SELECT p.gid
  FROM pg_catalog.pg_prepared_xact() AS p
 WHERE p.transaction::text::int8 = :transaction
   AND (extract(epoch FROM p.prepared) OPERATOR(pg_catalog.*) 1000000)::int8 = :prepared_at
