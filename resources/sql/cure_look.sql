-- What became of backend :pid after a signal: no row, or another backend_start, when it is gone. A backend leaves this list
-- after it has released its locks. PostgreSQL's own words only, so no encoding can spoil the answer; no catalog is touched, so
-- it answers with a full lock table too.
SELECT (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8,
       a.state,
       (extract(epoch FROM a.query_start) OPERATOR(pg_catalog.*) 1000000)::int8,
       a.wait_event_type,
       a.wait_event
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
