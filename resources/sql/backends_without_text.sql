-- backends.sql without what applications wrote: where bytes that are no valid text make the reading of it fail.
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
       NULL::text AS application_name,
       NULL::text AS query
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a
 WHERE a.pid = ANY ('{%1}'::int4[])
    OR (%2 = 1 AND a.pid <> pg_catalog.pg_backend_pid()
        AND a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend')
