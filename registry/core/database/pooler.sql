-- name: identity
-- Which database this is, of which cluster.
SELECT system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database()) FROM pg_control_system();

-- name: own_names
-- How many prepared statements of this session have the names that psycopg gave them.
SELECT count(*) FROM pg_prepared_statements WHERE name LIKE '\_pg3\_%';
