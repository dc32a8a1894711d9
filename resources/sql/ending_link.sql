-- Who this session is, whether it came over TCP (client_port is -1 on a Unix socket), and when the server's kernel gives up a silent
-- client: the settings show what the kernel has where nobody set them, in seconds, seconds, probes and milliseconds without a unit.
SELECT own.pid,
       (extract(epoch FROM own.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start,
       own.client_port,
       pg_catalog.current_setting('tcp_keepalives_idle')::int4 AS idle,
       pg_catalog.current_setting('tcp_keepalives_interval')::int4 AS probe_interval,
       pg_catalog.current_setting('tcp_keepalives_count')::int4 AS probes,
       pg_catalog.current_setting('tcp_user_timeout')::int4 AS user_timeout
  FROM pg_catalog.pg_stat_get_activity(pg_catalog.pg_backend_pid()) AS own
