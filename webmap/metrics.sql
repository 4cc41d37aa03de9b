-- :name record how far the record is sealed, and what was written since: how much, and since when it waits
SELECT coalesce(last.seq, 0) AS sealed, waiting.events, waiting.seconds
FROM (SELECT max(seq) AS seq FROM seal) AS last,
LATERAL (
  SELECT count(*) AS events,
         coalesce(extract(epoch FROM clock_timestamp() - min(at) FILTER (WHERE NOT data ? 'bulk')), 0) AS seconds
  FROM event WHERE id > coalesce((SELECT event_id FROM seal WHERE seal.seq = last.seq), 0)
) AS waiting;

-- :name held reports whose text waits for somebody to look at it
SELECT count(*) FROM report WHERE moderation = 'held' AND description IS NOT NULL;
