-- The backend behind this connection: its pid, its start in microseconds since 1970, and its age in microseconds, both
-- ends of which are the server's clock: it is compared with how long ago the login was begun, because a backend that is
-- older was lent by a pooler.
SELECT own.pid, (extract(epoch FROM own.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8,
       (extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) own.backend_start)
            OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own
