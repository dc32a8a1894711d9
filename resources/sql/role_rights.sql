-- What this role is allowed that matters for locks. A predefined role that this version does not have counts as not held.
-- MEMBER for pg_read_all_stats up to 14, USAGE since 15, as the server itself asks.
SELECT pg_catalog.current_setting('is_superuser')::bool,
       pg_catalog.pg_has_role('pg_read_all_stats', CASE WHEN pg_catalog.current_setting('server_version_num')::int4 < 150000
                                                        THEN 'MEMBER' ELSE 'USAGE' END),
       pg_catalog.pg_has_role('pg_signal_backend', 'USAGE'),
       coalesce((SELECT pg_catalog.pg_has_role(r.oid, 'USAGE')
                   FROM pg_catalog.pg_roles AS r WHERE r.rolname = 'pg_signal_autovacuum_worker'), false),
       pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE'),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_database AS d
         WHERE d.datallowconn AND pg_catalog.has_database_privilege(d.oid, 'CONNECT')),
       (SELECT pg_catalog.count(*) FROM pg_catalog.pg_database AS d WHERE d.datallowconn)
