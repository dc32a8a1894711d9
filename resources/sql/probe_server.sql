-- What tells two servers behind one address apart, and the version as its packagers wrote it.
SELECT (extract(epoch FROM pg_catalog.pg_postmaster_start_time()) OPERATOR(pg_catalog.*) 1000000)::int8,
       pg_catalog.current_setting('server_version')
