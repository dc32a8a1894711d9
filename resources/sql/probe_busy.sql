-- Keeps a server connection busy for a moment where transactions are refused, and tells which one it was.
SELECT pg_catalog.pg_backend_pid() FROM pg_catalog.pg_sleep(0.4)
