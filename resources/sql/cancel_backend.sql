-- Cancels the query of backend :pid, guarded as terminate_backend.sql guards, with the same columns. Nothing is sent to an idle
-- session: the server would answer true although there is nothing to cancel. query_start (fifth column) is that of the query
-- the signal goes to, so that it can be told from the next one. A session with track_activities off has the state "disabled".
SELECT a.backend_start IS NULL,
       CASE WHEN (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 = :backend_start
             AND a.pid <> pg_catalog.pg_backend_pid()
             AND coalesce(NOT pg_catalog.starts_with(a.state, 'idle'), true)
            THEN pg_catalog.pg_cancel_backend(a.pid)
            ELSE false
       END,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 = :backend_start,
       a.state,
       (extract(epoch FROM a.query_start) OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
