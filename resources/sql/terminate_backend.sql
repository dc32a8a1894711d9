-- Ends backend :pid if it is still the one that started at :backend_start (microseconds since 1970): the operating system gives
-- a pid out again, and a pid alone could hit somebody else. No row: no such backend. The first column: its start is hidden from
-- this role, so nothing is certain and nothing is sent. The second: whether the signal was sent. The third: whether it is the
-- one that was meant; where it is and no signal was sent, the server does not signal this process, or it is our own.
SELECT a.backend_start IS NULL,
       CASE WHEN (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 = :backend_start
             AND a.pid <> pg_catalog.pg_backend_pid()
            THEN pg_catalog.pg_terminate_backend(a.pid)
            ELSE false
       END,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 = :backend_start,
       a.state,
       (extract(epoch FROM a.query_start) OPERATOR(pg_catalog.*) 1000000)::int8
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
