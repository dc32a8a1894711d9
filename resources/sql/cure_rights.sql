-- Asked after the server refused to signal backend :pid: whether its role is a superuser's (NULL: it has none, or is gone), and
-- what kind of process it is. The message of the refusal is translated and differs between versions, so it is not read.
SELECT r.rolsuper,
       a.backend_type
  FROM pg_catalog.pg_stat_get_activity(:pid) AS a
  LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = a.usesysid
