-- name: of_account
-- The views of a list that an account keeps, in the order in which they were.
SELECT name, query FROM account_view
WHERE account_id = %(account_id)s AND list = %(list)s ORDER BY kept_at, name;

-- name: save
-- A view, in place of the one of that name.
INSERT INTO account_view (account_id, list, name, query)
VALUES (%(account_id)s, %(list)s, %(name)s, %(query)s)
ON CONFLICT (account_id, list, name) DO UPDATE SET query = excluded.query, kept_at = now();

-- name: delete
-- A view less.
DELETE FROM account_view WHERE account_id = %(account_id)s AND list = %(list)s AND name = %(name)s;
