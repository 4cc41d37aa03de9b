-- :state what the areas in memory are compared with before every answer: loaded sets, field order, newest row
SELECT current_database() AS database,
       (SELECT coalesce(array_agg(name || ' ' || version || ' ' || sha256 || ' ' || loaded_at ORDER BY name), '{}')
          FROM reference_version WHERE name LIKE 'boundaries%' OR name = 'zones') AS versions,
       (SELECT coalesce(array_agg(code ORDER BY position), '{}') FROM field) AS fields,
       (SELECT coalesce(max(id), 0) FROM area) AS newest;

-- :areas every area, also those out of force: reports keep their ids
SELECT id, level, field, code, name, name_en, short_name, kind, lower(valid) AS valid_from, upper(valid) AS valid_until,
       in_force, approximate, sample, official_km2, source, origin,
       ST_X(label_point) AS label_lon, ST_Y(label_point) AS label_lat, ST_AsBinary(geom) AS geom
  FROM area
 ORDER BY id;
