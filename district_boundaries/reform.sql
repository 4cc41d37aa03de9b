-- :forget
DELETE FROM area_link WHERE source = :source;

-- :link
INSERT INTO area_link (from_id, to_id, share, source)
SELECT from_id, to_id, share, :source
  FROM unnest(cast(:from_id AS integer[]), cast(:to_id AS integer[]), cast(:share AS float8[]))
       AS given (from_id, to_id, share)
ON CONFLICT (from_id, to_id) DO UPDATE SET share = excluded.share, source = excluded.source;
