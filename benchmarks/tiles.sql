-- :name bare every point that lies in a tile, by ST_AsMVT and nothing else
SELECT ST_AsMVT(drawn, 'incidents', 4096, 'geom') FROM (
  SELECT code, kind, hero, status, reports AS n, precision,
         ST_AsMVTGeom(geom_3857, ST_TileEnvelope(:z, :x, :y), 4096, 64, true) AS geom
  FROM public_incident WHERE geom_3857 && ST_TileEnvelope(:z, :x, :y)
    AND status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
) AS drawn;

-- :name some_tiles of a zoom: those with most in them, and as many where some incident is
WITH place AS MATERIALIZED (
  SELECT floor((ST_X(geom_3857) + 20037508.342789244) / 40075016.685578488 * 2 ^ :z)::int AS x,
         floor((20037508.342789244 - ST_Y(geom_3857)) / 40075016.685578488 * 2 ^ :z)::int AS y, id
  FROM public_incident
)
(SELECT x, y FROM place GROUP BY x, y ORDER BY count(*) DESC LIMIT :half)
UNION
(SELECT x, y FROM place ORDER BY md5(id::text) LIMIT :half);
