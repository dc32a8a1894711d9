-- The relations of this database, and the shared ones, whose oids are in %1 (digits and commas). What an index or a TOAST
-- table belongs to is named too: its own name says little.
SELECT c.oid::int8,
       c.relisshared,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS name,
       c.relkind::text,
       pg_catalog.quote_ident(owner_schema.nspname) || '.' || pg_catalog.quote_ident(owner.relname) AS belongs_to
  FROM pg_catalog.pg_class AS c
  JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_index AS i ON i.indexrelid = c.oid
  LEFT JOIN pg_catalog.pg_class AS toasted ON c.relkind = 't' AND toasted.reltoastrelid = c.oid
  LEFT JOIN pg_catalog.pg_class AS owner ON owner.oid = coalesce(i.indrelid, toasted.oid)
  LEFT JOIN pg_catalog.pg_namespace AS owner_schema ON owner_schema.oid = owner.relnamespace
 WHERE c.oid = ANY ('{%1}'::oid[])
