-- The server's version as its packagers wrote it: "15.18 (Debian 15.18-0+deb12u1)".
SELECT pg_catalog.current_setting('server_version')
