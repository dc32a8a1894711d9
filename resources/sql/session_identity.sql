-- The backend behind this connection: its pid, and its start in microseconds since 1970.
SELECT own.pid, (extract(epoch FROM own.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own
