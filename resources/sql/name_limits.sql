-- Sent in front of each look-up of names, as one query with it: the settings last for that one implicit transaction, so
-- nothing stays behind on a pooler's connection. Catalogs may be locked by the very session that is being looked at.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', true),
       pg_catalog.set_config('lock_timeout', '500', true),
       pg_catalog.set_config('statement_timeout', '3000', true)
