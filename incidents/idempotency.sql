-- :name claim a key, or wait for whoever holds it and then find it taken
INSERT INTO idempotency (caller, key, body_hash, created_at) VALUES (:caller, :key, :body_hash, app_now())
ON CONFLICT (caller, key) DO UPDATE SET body_hash = excluded.body_hash, created_at = excluded.created_at, answer = '{}'
  WHERE idempotency.created_at < app_now() - interval '30 days'
RETURNING true;

-- :name recall what a taken key answered
SELECT body_hash, answer FROM idempotency WHERE caller = :caller AND key = :key;

-- :name keep the answer with its key, in the transaction that made the report
UPDATE idempotency SET answer = cast(:answer AS jsonb) WHERE caller = :caller AND key = :key;
