-- :fields the order of zone_ids
SELECT code FROM field ORDER BY position;

-- :drop_points a former call in the same transaction may have left them
DROP TABLE IF EXISTS pg_temp.located_point, pg_temp.located_layer, pg_temp.located_area;

-- :make_points the points of one call: `border` is a box of a micrometre, `reach` one that holds all within 25 m, `day` the
-- last one on which boundaries changed before (or -infinity): all days up to the next change are one
CREATE TEMPORARY TABLE located_point ON COMMIT DROP AS
WITH change AS MATERIALIZED (
  SELECT lower(valid) AS day FROM area WHERE in_force AND lower(valid) IS NOT NULL
  UNION SELECT upper(valid) FROM area WHERE in_force AND upper(valid) IS NOT NULL
),
epoch AS MATERIALIZED (
  SELECT asked.day, coalesce((SELECT max(change.day) FROM change WHERE change.day <= asked.day), '-infinity') AS since
    FROM (SELECT DISTINCT unnest(cast(:day AS date[])) AS day) AS asked
)
SELECT n, epoch.since AS day, ST_SetSRID(ST_MakePoint(lon, lat), 4326) AS geom,
       ST_MakeEnvelope(lon - :border, lat - :border, lon + :border, lat + :border, 4326) AS border,
       ST_MakeEnvelope(lon - :reach, lat - :reach, lon + :reach, lat + :reach, 4326) AS reach
  FROM unnest(cast(:n AS integer[]), cast(:lon AS float8[]), cast(:lat AS float8[]), cast(:day AS date[]))
       AS given (n, lon, lat, day)
  JOIN epoch ON epoch.day = given.day;

-- :index_border from each area to the points: its prepared lines stay in the cache
CREATE INDEX ON located_point USING gist (border);

-- :index_reach
CREATE INDEX ON located_point USING gist (reach);

-- :analyze_points
ANALYZE located_point;

-- :make_layers the day on which each level is asked: of districts, after the last of them, their own last day
CREATE TEMPORARY TABLE located_layer ON COMMIT DROP AS
SELECT asked.day, layer.level, layer.field,
       CASE WHEN layer.level <> 'district' OR EXISTS (
              SELECT FROM area WHERE in_force AND level = 'district' AND valid @> asked.day) THEN asked.day
            ELSE (SELECT max(upper(valid)) - 1 FROM area
                   WHERE in_force AND level = 'district' AND upper(valid) <= asked.day) END AS as_of
  FROM (SELECT DISTINCT day FROM located_point) AS asked
 CROSS JOIN (SELECT DISTINCT level, field FROM area WHERE in_force) AS layer;

-- :make_areas the lowest code of those areas of a level that hold a point
CREATE TEMPORARY TABLE located_area ON COMMIT DROP AS
SELECT DISTINCT ON (p.n, a.level, a.field) p.n, a.level, a.field, a.id, a.approximate
  FROM located_layer AS d
  JOIN area AS a ON a.level = d.level AND a.field = d.field AND a.in_force AND a.valid @> d.as_of
  JOIN located_point AS p ON p.day = d.day AND ST_Intersects(a.geom, p.border)
 ORDER BY p.n, a.level, a.field, a.code COLLATE "C", a.id;

-- :analyze_areas
ANALYZE located_area;

-- :locate every level's area of each point on its day: the one that holds it, else the nearest within the gap
WITH close AS MATERIALIZED (
  SELECT p.n, p.geom AS point, a.level, a.field, a.id, a.code, a.approximate
    FROM located_layer AS d
    JOIN area AS a ON a.level = d.level AND a.field = d.field AND a.in_force AND a.valid @> d.as_of
    JOIN located_point AS p ON p.day = d.day AND ST_Intersects(a.geom, p.reach)
),
gap AS MATERIALIZED (
  SELECT c.n, c.level, c.field, c.id, c.code, c.approximate, ST_Transform(c.point, 9210) AS point
    FROM close AS c
    LEFT JOIN located_area AS held ON held.n = c.n AND held.level = c.level AND held.field = c.field
   WHERE held.id IS NULL
),
shape AS MATERIALIZED (
  SELECT id, ST_Transform(geom, 9210) AS geom FROM area WHERE id IN (SELECT id FROM gap)
),
measured AS MATERIALIZED (
  SELECT gap.*, ST_Distance(shape.geom, gap.point) AS metres FROM gap JOIN shape ON shape.id = gap.id
),
nearest AS (
  SELECT DISTINCT ON (n, level, field) n, level, field, id, approximate
    FROM (SELECT *, min(metres) OVER (PARTITION BY n, level, field) AS least FROM measured) AS measured
   WHERE least <= :gap AND metres <= least + :tie
   ORDER BY n, level, field, code COLLATE "C", id
)
SELECT n, level, field, id, approximate, false AS nearest FROM located_area
UNION ALL
SELECT n, level, field, id, approximate, true FROM nearest;
