-- :name clear lines that were drawn before
DELETE FROM basemap WHERE layer IN ('ward_lines', 'district_lines', 'outside');

-- :name draw_lines each border once, of a level's areas on a day: two neighbours share it
INSERT INTO basemap (layer, min_zoom, geom_3857)
SELECT :layer, 0, ST_Subdivide(line.geom, 512)
FROM (
  SELECT (ST_Dump(ST_LineMerge(ST_UnaryUnion(ST_Collect(ST_Boundary(ST_Transform(geom, 3857))))))).geom AS geom
  FROM area WHERE level = :level AND in_force AND valid @> cast(:day AS date)
) AS line;

-- :name draw_outside the world around the city, to fade it
INSERT INTO basemap (layer, min_zoom, geom_3857)
SELECT 'outside', 0, ST_Subdivide(ST_Transform(ST_Difference(
         ST_MakeEnvelope(102, 5, 111, 15, 4326),
         (SELECT ST_Union(geom) FROM area WHERE level = 'ward' AND in_force AND valid @> cast(:day AS date))), 3857), 512);

-- :name label_points a point inside each area for its name
UPDATE area SET label_point = ST_PointOnSurface(geom) WHERE label_point IS NULL;
