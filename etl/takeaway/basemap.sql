-- :name ground streets by class, water, parks and borders of a box, simplified to what a screen shows, WGS 84
-- The tolerance is in metres of the Mercator map, about a pixel of the opening view; what is smaller is left out.
WITH box AS (
  SELECT ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857) AS frame
), piece AS (
  SELECT ground.layer, ground.class,
         ST_Simplify(ST_ClipByBox2D(ground.geom_3857, ST_Expand(box.frame, :margin)), :tolerance) AS geom
  FROM box JOIN basemap AS ground ON ground.geom_3857 && ST_Expand(box.frame, :margin)
  WHERE (ground.layer = 'roads' AND ground.class = ANY(:roads))
     OR ground.layer IN ('ward_lines', 'district_lines')
     OR (ground.layer IN ('water', 'parks') AND ground.class <> 'pitch'
         AND ST_Area(ST_Envelope(ground.geom_3857)) > 400 * :tolerance ^ 2)
     OR (ground.layer = 'waterways' AND ground.class IN ('river', 'canal') AND :tolerance < 60)
)
SELECT layer, class, ST_AsGeoJSON(ST_Transform(ST_Collect(geom), 4326), :digits) AS geometry
FROM piece WHERE geom IS NOT NULL AND NOT ST_IsEmpty(geom)
GROUP BY layer, class ORDER BY layer, class;
