-- :name known_by_id reports that bear these external ids, by their place in the list
SELECT given.pos - 1 AS pos, report.id, report.content_hash
FROM unnest(cast(:external_ids AS text[])) WITH ORDINALITY AS given (external_id, pos)
JOIN report ON report.external_id = given.external_id;

-- :name known_by_code reports without an external id that an export named by their codes, if they are of the same moment
SELECT given.pos - 1 AS pos, report.id, report.content_hash
FROM unnest(cast(:codes AS text[]), cast(:reported_at AS timestamptz[])) WITH ORDINALITY
  AS given (code, reported_at, pos)
JOIN report ON report.code = given.code AND report.external_id IS NULL
  AND date_trunc('milliseconds', report.reported_at) = date_trunc('milliseconds', given.reported_at);

-- :name known_by_content reports without an external id that say just this
SELECT given.pos - 1 AS pos, report.id, report.content_hash
FROM unnest(cast(:keys AS bytea[])) WITH ORDINALITY AS given (key, pos)
JOIN report ON report.content_hash = given.key AND report.external_id IS NULL;

-- :name last_bulk the last event of any bulk load: a load that ended well ends with bulk.imported
SELECT kind FROM event WHERE kind = 'bulk.imported' OR data @> '{"bulk": true}' ORDER BY id DESC LIMIT 1;
