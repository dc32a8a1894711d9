-- backends.sql for PostgreSQL 12, which knows no leader_pid. %1 and %2 as there.
SELECT a.pid,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start,
       a.datid::int8,
       a.usesysid::int8,
       a.client_port,
       (extract(epoch FROM a.xact_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS xact_start,
       (extract(epoch FROM a.query_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS query_start,
       (extract(epoch FROM a.state_change) OPERATOR(pg_catalog.*) 1000000)::int8 AS state_change,
       a.backend_xmin,
       NULL::int4 AS leader_pid,
       a.client_addr,
       a.backend_type,
       a.state,
       a.wait_event_type,
       a.wait_event,
       a.application_name,
       a.query
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a
 WHERE a.pid = ANY ('{%1}'::int4[])
    OR (a.pid <> pg_catalog.pg_backend_pid()
        AND (position(pg_catalog.decode('70675f61647669736f72795f756e6c6f636b', 'hex') IN pg_catalog.textsend(a.query)) > 0
             OR (%2 = 1 AND a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend')))
