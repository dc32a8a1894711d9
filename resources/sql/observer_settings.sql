-- Settings of the observer's own session. It reads, never for long, and finds nothing by a search path.
-- enable_sort and work_mem: the planner expects five rows from pg_locks and would sort 100 000 of them on disk.
-- idle_session_timeout appeared in 14, so it is only set where it exists.
SELECT pg_catalog.set_config('search_path', 'pg_catalog', false),
       pg_catalog.set_config('default_transaction_read_only', 'on', false),
       pg_catalog.set_config('statement_timeout', '5000', false),
       pg_catalog.set_config('lock_timeout', '1000', false),
       pg_catalog.set_config('idle_in_transaction_session_timeout', '10000', false),
       pg_catalog.set_config('enable_sort', 'off', false),
       pg_catalog.set_config('jit', 'off', false),
       pg_catalog.set_config('work_mem', '64MB', false),
       CASE WHEN pg_catalog.current_setting('idle_session_timeout', true) IS NOT NULL
            THEN pg_catalog.set_config('idle_session_timeout', '0', false) END
