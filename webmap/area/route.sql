-- :name ground streets, water and parks of a box as SVG paths, in :units across the box's width, its south-west at 0 0
WITH box AS (SELECT ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857) AS geom),
scaled AS (SELECT box.geom, ST_XMin(box.geom) AS x, ST_YMin(box.geom) AS y,
                  :units / (ST_XMax(box.geom) - ST_XMin(box.geom)) AS k FROM box)
SELECT CASE WHEN ground.layer = 'roads' THEN ground.class ELSE ground.layer END AS what,
       string_agg(ST_AsSVG(ST_Affine(ST_Simplify(ST_ClipByBox2D(ground.geom_3857, box2d(scaled.geom)), 3 / scaled.k),
                                     scaled.k, 0, 0, scaled.k, -scaled.x * scaled.k, -scaled.y * scaled.k), 1, 0), ' ')
         AS path
FROM scaled JOIN basemap AS ground ON ground.geom_3857 && scaled.geom
WHERE ground.layer IN ('roads', 'water', 'parks')
  AND (ground.layer <> 'roads' OR ground.class = ANY(:classes))
GROUP BY what;
