-- Which server process answers: behind a pooler it may be another one each time.
SELECT pg_catalog.pg_backend_pid()
