-- :areas every area, also those out of force: reports keep their ids
SELECT id, level, field, code, name, name_en, short_name, kind, lower(valid) AS valid_from, upper(valid) AS valid_until,
       in_force, approximate, sample, official_km2, source, origin,
       ST_X(label_point) AS label_lon, ST_Y(label_point) AS label_lat, ST_AsBinary(geom) AS geom
  FROM area
 ORDER BY id;
