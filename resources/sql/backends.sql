-- The backends named by pid in %1 (digits and commas, made by the console) and the parallel workers of these; those whose last
-- statement speaks of pg_advisory_unlock, held or not, because an unlock on the wrong connection is seen only there; and with
-- %2 = 1 every session of a client. The function is what the view pg_stat_activity reads; unlike the view it needs no shared
-- catalog, so it still answers when the lock table is full. The type of somebody else's session is hidden from a role without
-- rights, the role of a background process is not there for anybody.
-- The word is searched in bytes: bytes that are no text make left() and friends fail, and strpos() miscount. It stands here in
-- hexadecimal digits, or this very statement would be found.
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
    OR a.leader_pid = ANY ('{%1}'::int4[])
    OR (a.pid <> pg_catalog.pg_backend_pid()
        AND (position(pg_catalog.decode('70675f61647669736f72795f756e6c6f636b', 'hex') IN pg_catalog.textsend(a.query)) > 0
             OR (%2 = 1 AND a.usesysid IS NOT NULL AND coalesce(a.backend_type, 'client backend') = 'client backend')))
