-- :name incidents where and when each incident was first reported; a filter is left out by giving it null
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, extract(epoch FROM opened_at)::float8 AS at
FROM public_incident
WHERE geom IS NOT NULL AND coalesce(precision, '') NOT IN ('ward', 'district')
  AND status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR opened_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR opened_at < :until)

-- :name reports where and when each report was made; a filter is left out by giving it null
SELECT ST_X(geom) AS lon, ST_Y(geom) AS lat, extract(epoch FROM reported_at)::float8 AS at
FROM public_report
WHERE geom IS NOT NULL AND coalesce(precision, '') NOT IN ('ward', 'district')
  AND status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR reported_at < :until)

-- :name left_out_incidents how many of the asked-for incidents take no part, and why
SELECT count(*) FILTER (WHERE status IN ('rejected', 'withdrawn', 'merged')) AS void,
       count(*) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged') AND geom IS NULL) AS no_place,
       count(*) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged') AND geom IS NOT NULL
                        AND precision IN ('ward', 'district')) AS coarse,
       coalesce(sum(reports) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged')), 0) AS reports,
       count(*) FILTER (WHERE demo AND status NOT IN ('rejected', 'withdrawn', 'merged')) AS demo,
       count(*) AS all
FROM public_incident
WHERE (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR opened_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR opened_at < :until)

-- :name left_out_reports how many of the asked-for reports take no part, and why
SELECT count(*) FILTER (WHERE status IN ('rejected', 'withdrawn', 'merged')) AS void,
       count(*) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged') AND geom IS NULL) AS no_place,
       count(*) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged') AND geom IS NOT NULL
                        AND precision IN ('ward', 'district')) AS coarse,
       count(*) FILTER (WHERE status NOT IN ('rejected', 'withdrawn', 'merged')) AS reports,
       count(*) FILTER (WHERE demo AND status NOT IN ('rejected', 'withdrawn', 'merged')) AS demo,
       count(*) AS all
FROM public_report
WHERE (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR reported_at < :until)

-- :name channels how many reports came by which channel, most first
SELECT channel, count(*) AS n
FROM public_report
WHERE status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR reported_at < :until)
GROUP BY channel ORDER BY n DESC, channel

-- :name roads the roads that vehicles use, as the map draws them (lines, EPSG:3857), near the study area (degrees)
SELECT ST_AsBinary(geom_3857) AS line FROM basemap
WHERE layer = 'roads' AND class NOT IN ('service', 'path')
  AND geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857)

-- :name named_roads all of them with their names, in one order
SELECT name, ST_AsBinary(geom_3857) AS line FROM basemap
WHERE layer = 'roads' AND class NOT IN ('service', 'path')
ORDER BY id
