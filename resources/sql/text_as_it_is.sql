-- For the rest of this transaction the server sends text as it is. A query text is kept in the encoding of the session that wrote it;
-- where this database has another encoding than the client, the server would convert it from the wrong one, or fail.
SELECT pg_catalog.set_config('client_encoding', 'SQL_ASCII', true)
