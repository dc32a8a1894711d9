-- Keys that only the server can compute: its hash functions may differ between versions. Numbered questions in, so that
-- the order of the answer does not matter. The texts were made literals by PQescapeLiteral on this very connection.
SELECT q.number,
       CASE WHEN q.extended THEN pg_catalog.hashtextextended(q.words, q.seed)
            ELSE pg_catalog.hashtext(q.words)::pg_catalog.int8 END
  FROM (VALUES :questions) AS q(number, words, extended, seed)
