-- :name ground what a printed map shows under its cells, simplified to what the eye sees of it (EPSG:3857)
SELECT layer, ST_AsBinary(ST_SimplifyPreserveTopology(geom_3857, :tolerance)) AS geometry
FROM basemap
WHERE geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857)
  AND (layer = 'ward_lines'
       OR layer = 'water' AND min_zoom <= CASE WHEN :wide THEN 10 ELSE 14 END
       OR layer = 'roads' AND class IN ('motorway', 'trunk', 'primary', CASE WHEN :wide THEN '' ELSE 'secondary' END,
                                        CASE WHEN :wide THEN '' ELSE 'tertiary' END))
