-- :name bare every point that lies in a tile, by ST_AsMVT and nothing else
SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
  SELECT code, kind, hero, status, reports AS n, precision,
         ST_AsMVTGeom(geom_3857, ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom
  FROM public_incident WHERE geom_3857 && ST_TileEnvelope(:z, :x, :y)
    AND status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
) AS drawn;

-- :name plain what our tile says of them, in the plainest way: every point by itself, and one circle for each place and
-- reach of those known to their ward only
SELECT coalesce((SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
    SELECT code, kind, hero, s.state, reports AS n,
           CASE s.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END AS rank,
           CASE WHEN precision IN ('ward', 'district') THEN 'ward' ELSE 'street' END AS precision,
           ST_AsMVTGeom(geom_3857, ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom
    FROM public_incident
    CROSS JOIN LATERAL (SELECT incident_state(status, due_at, resolved_at, :now) AS state) AS s
    WHERE geom_3857 && ST_TileEnvelope(:z, :x, :y) AND s.state IN ('new', 'progress', 'late')) AS drawn), '')
  ||
  coalesce((SELECT ST_AsMVT(drawn, 'precision', 4096, 'geom') FROM (
    SELECT DISTINCT ON (geom_3857, accuracy_m) code, hero, s.state,
           ST_AsMVTGeom(ST_Buffer(geom_3857, accuracy_m * cosh(ST_Y(geom_3857) / 6378137), 24),
                        ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom
    FROM public_incident
    CROSS JOIN LATERAL (SELECT incident_state(status, due_at, resolved_at, :now) AS state) AS s
    WHERE precision IN ('ward', 'district') AND s.state IN ('new', 'progress', 'late')
      AND ST_Expand(geom_3857, least(accuracy_m, 3000) * cosh(ST_Y(geom_3857) / 6378137)) && ST_TileEnvelope(:z, :x, :y)
    ORDER BY geom_3857, accuracy_m, code) AS drawn), '');

-- :name some_tiles of a zoom: those with most in them, and as many where some incident is
WITH place AS MATERIALIZED (
  SELECT floor((ST_X(geom_3857) + 20037508.342789244) / 40075016.685578488 * 2 ^ :z)::int AS x,
         floor((20037508.342789244 - ST_Y(geom_3857)) / 40075016.685578488 * 2 ^ :z)::int AS y, id
  FROM public_incident
)
(SELECT x, y FROM place GROUP BY x, y ORDER BY count(*) DESC LIMIT :half)
UNION
(SELECT x, y FROM place ORDER BY md5(id::text) LIMIT :half);
