-- When backend :pid started, in microseconds since 1970, so that it can be told from a later one with its pid.
SELECT a.pid,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
