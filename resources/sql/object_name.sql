-- What PostgreSQL calls one object: row %2 (sub-object %3) of catalog %1, digits only. An object that is gone is an error up
-- to 13 and NULL from 14 on.
SELECT o.type, o.identity
  FROM pg_catalog.pg_identify_object(%1::oid, %2::oid, %3) AS o
