-- The backends named by pid in %1 (digits and commas, made by the console). The function below is what the view
-- pg_stat_activity reads; unlike the view it needs no shared catalog, so it still answers when the lock table is full.
SELECT a.pid,
       (extract(epoch FROM a.backend_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS backend_start,
       a.datid::int8,
       a.usesysid::int8,
       a.client_port,
       (extract(epoch FROM a.xact_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS xact_start,
       (extract(epoch FROM a.query_start) OPERATOR(pg_catalog.*) 1000000)::int8 AS query_start,
       (extract(epoch FROM a.state_change) OPERATOR(pg_catalog.*) 1000000)::int8 AS state_change,
       a.backend_xmin,
       a.leader_pid,
       a.client_addr,
       a.backend_type,
       a.state,
       a.wait_event_type,
       a.wait_event,
       a.application_name,
       a.query
  FROM pg_catalog.pg_stat_get_activity(NULL) AS a
 WHERE a.pid = ANY ('{%1}'::int4[])
