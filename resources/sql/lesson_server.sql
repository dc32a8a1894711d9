-- What decides whether a lesson can run here: version in words and as a number, standby or not, room for prepared transactions,
-- the database, and the backend of this session: behind a pooler it is another than the login told.
SELECT pg_catalog.current_setting('server_version'),
       pg_catalog.current_setting('server_version_num')::int4,
       pg_catalog.pg_is_in_recovery(),
       pg_catalog.current_setting('max_prepared_transactions')::int4,
       pg_catalog.current_database(),
       pg_catalog.pg_backend_pid()
