-- What this connection is connected to. Works for a role without rights, on PostgreSQL 12 and later.
-- Whether the predefined role pg_read_all_stats helps is a question of membership up to 14, of inherited rights since 15;
-- pg_signal_backend has always been one of inherited rights. pg_signal_autovacuum_worker exists since 18.
-- Last the age of the backend in microseconds, both ends by the server's clock: older than the login, it was lent by a
-- pooler.
SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('server_version_num')::int4,
       pg_catalog.current_database(),
       own.datid::int8,
       CURRENT_USER,
       pg_catalog.current_setting('is_superuser')::bool,
       pg_catalog.pg_has_role('pg_read_all_stats', CASE WHEN pg_catalog.current_setting('server_version_num')::int4 < 150000
                                                        THEN 'MEMBER' ELSE 'USAGE' END),
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('server_encoding'),
       pg_catalog.pg_backend_pid(),
       (extract(epoch FROM own.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8,
       pg_catalog.current_setting('max_locks_per_transaction')::int8
           * (pg_catalog.current_setting('max_connections')::int8
              + pg_catalog.current_setting('max_prepared_transactions')::int8),
       pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'),
       coalesce(pg_catalog.pg_has_role(pg_catalog.to_regrole('pg_signal_autovacuum_worker')::oid, 'USAGE'), false),
       (extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) own.backend_start)
            OPERATOR(pg_catalog.*) 1000000)::int8
  FROM (SELECT) AS one_row
  LEFT JOIN pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own ON true
