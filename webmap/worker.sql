-- :name purge_idempotency kept answers past their days, a thousand at a time
DELETE FROM idempotency
WHERE ctid = ANY(ARRAY(
  SELECT ctid FROM idempotency WHERE created_at < now() - make_interval(days => :days) LIMIT 1000
))

-- :name purge_counts windows of the rate limits that have ended
SELECT forget_requests('');

-- :name any_photo whether the database names a photo at all
SELECT FROM photo LIMIT 1;

-- :name named_photos which of these hashes some report names
SELECT DISTINCT sha256 FROM photo WHERE sha256 = ANY(CAST(:hashes AS text[]));
