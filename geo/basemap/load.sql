-- :name clear what was loaded before; borders of areas are not ours
DELETE FROM basemap WHERE layer NOT IN ('ward_lines', 'district_lines', 'outside');

-- :name staging rows arrive by COPY, in degrees, geometry as EWKB
CREATE TEMPORARY TABLE incoming_basemap (layer text, class text, name text, min_zoom smallint, geom bytea)
  ON COMMIT DROP;

-- :name take over the staged rows, in the map's projection
INSERT INTO basemap (layer, class, name, min_zoom, geom_3857)
SELECT layer, class, name, min_zoom, ST_Transform(shape, 3857)
FROM incoming_basemap, ST_GeomFromEWKB(geom) AS shape WHERE NOT ST_IsEmpty(shape);

-- :name copy the staged rows
COPY incoming_basemap (layer, class, name, min_zoom, geom) FROM STDIN (FORMAT BINARY);

-- :name statistics for the planner
ANALYZE basemap;
