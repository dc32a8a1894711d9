-- Settings around a person's own query for names of keys; the search path stays as the person's role has it. Run twice:
-- before the transaction for the session, but only where this backend is the one that took the login: behind a pooler
-- it serves others next, so there the setting is local (and void). Then inside the transaction, with 0: local to it.
-- client_encoding: a database with encoding SQL_ASCII holds any bytes, and one name that is no UTF-8 would fail them all.
SELECT pg_catalog.set_config('default_transaction_read_only', 'on',
                             pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) :claimed),
       pg_catalog.set_config('statement_timeout', ':timeout',
                             pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) :claimed),
       pg_catalog.set_config('lock_timeout', ':waiting',
                             pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) :claimed),
       pg_catalog.set_config('idle_in_transaction_session_timeout', '10000',
                             pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) :claimed),
       CASE WHEN pg_catalog.current_setting('server_encoding') OPERATOR(pg_catalog.=) 'SQL_ASCII'
            THEN pg_catalog.set_config('client_encoding', 'SQL_ASCII',
                                       pg_catalog.pg_backend_pid() OPERATOR(pg_catalog.<>) :claimed) END,
       (SELECT d.oid::pg_catalog.int8 FROM pg_catalog.pg_database AS d
         WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database())
