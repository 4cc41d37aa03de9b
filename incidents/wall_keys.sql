-- :name add a key for a screen
INSERT INTO wall_key (hash, area_id, label, made_by) VALUES (:hash, :area_id, :label, :made_by) RETURNING id;

-- :name everyone all keys, those in use first
SELECT id, area_id, label, made_at, seen_at, revoked_at FROM wall_key ORDER BY revoked_at NULLS FIRST, id DESC;

-- :name revoke take a key away
UPDATE wall_key SET revoked_at = app_now() WHERE id = :id AND revoked_at IS NULL RETURNING area_id, label;

-- :name by_hash the key that a screen shows, as long as it holds
SELECT id, area_id, label, coalesce(app_now() - seen_at > interval '1 minute', true) AS stale
FROM wall_key WHERE hash = :hash AND revoked_at IS NULL;

-- :name seen that a screen was here
UPDATE wall_key SET seen_at = app_now() WHERE id = :id;
