-- :name clear what was loaded before; borders of areas are not ours
DELETE FROM basemap WHERE layer NOT IN ('ward_lines', 'district_lines', 'outside');

-- :name staging rows arrive by COPY, in degrees
CREATE TEMPORARY TABLE incoming_basemap (layer text, class text, name text, min_zoom smallint, geom geometry(Geometry, 4326))
  ON COMMIT DROP;

-- :name take over the staged rows, in the map's projection
INSERT INTO basemap (layer, class, name, min_zoom, geom_3857)
SELECT layer, class, name, min_zoom, ST_Transform(geom, 3857) FROM incoming_basemap WHERE NOT ST_IsEmpty(geom);

-- :name copy the staged rows
COPY incoming_basemap (layer, class, name, min_zoom, geom) FROM STDIN (FORMAT BINARY);

-- :name statistics for the planner
ANALYZE basemap;
