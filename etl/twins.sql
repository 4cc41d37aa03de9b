-- :name known which rows are there already under their own id, and which other report says the same as each
WITH given AS (
  SELECT given.*, given.pos - 1 AS at_place
  FROM unnest(cast(:external_ids AS text[]), cast(:keys AS bytea[]), cast(:reported_at AS timestamptz[]),
              cast(:categories AS text[]), cast(:descriptions AS text[]), cast(:addresses AS text[]),
              cast(:lons AS float8[]), cast(:lats AS float8[]))
    WITH ORDINALITY AS given (external_id, key, reported_at, category, description, address, lon, lat, pos)
)
SELECT given.at_place AS pos, other.code, coalesce(other.external_id, '') AS external_id
FROM given
CROSS JOIN LATERAL (
  SELECT report.code, report.external_id
  FROM report JOIN incident ON incident.id = report.incident_id
  WHERE report.reported_at >= given.reported_at - interval '500 microseconds'
    AND report.reported_at <= given.reported_at + interval '500 microseconds'
    AND report.external_id IS DISTINCT FROM given.external_id
    AND (given.external_id IS NOT NULL OR report.content_hash IS DISTINCT FROM given.key)
    AND (given.category IS NULL OR incident.category IS NOT DISTINCT FROM given.category)
    AND lower(coalesce(report.description, '')) = coalesce(given.description, '')
    AND CASE WHEN given.lon IS NULL THEN lower(coalesce(report.address, '')) = coalesce(given.address, '')
             ELSE abs(ST_X(report.geom) - given.lon) < 1e-6 AND abs(ST_Y(report.geom) - given.lat) < 1e-6 END
  ORDER BY report.id LIMIT 1
) AS other
WHERE NOT EXISTS (SELECT FROM report AS mine WHERE mine.external_id = given.external_id)
