-- What the lock table was made for. max_prepared_transactions count like connections, because each may hold locks.
SELECT pg_catalog.current_setting('max_locks_per_transaction')::int8
           * (pg_catalog.current_setting('max_connections')::int8
              + pg_catalog.current_setting('max_prepared_transactions')::int8),
       pg_catalog.current_setting('max_connections')::int8,
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_xact())
