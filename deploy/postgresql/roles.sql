-- The roles that two hosts and a witness need. Run it on the primary by psql, as a superuser. Then give each role its
-- password: \password vvdash, and so on.

CREATE ROLE vvdash LOGIN;
CREATE DATABASE vvdash OWNER vvdash;

-- What a standby follows its primary with, and a former primary is rewound with.
CREATE ROLE replicator LOGIN REPLICATION;
GRANT pg_checkpoint TO replicator;
GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_stat_file(text, boolean) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text) TO replicator;
GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO replicator;

-- What the witness may do, and no more. It reads no table.
CREATE ROLE witness LOGIN;
GRANT pg_monitor TO witness;
GRANT ALTER SYSTEM ON PARAMETER synchronous_standby_names, default_transaction_read_only TO witness;
GRANT EXECUTE ON FUNCTION pg_reload_conf(), pg_promote(boolean, integer) TO witness;
