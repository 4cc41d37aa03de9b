-- :in_the_way areas in force of a level that share days with a span
SELECT id, code, name, lower(valid) AS valid_from, upper(valid) AS valid_until, ST_AsBinary(geom) AS geom
  FROM area
 WHERE in_force AND level = :level AND field = :field
   AND valid && daterange(cast(:valid_from AS date), cast(:valid_until AS date))
 ORDER BY code COLLATE "C", id;

-- :retire what is replaced keeps its row and its id, out of force
UPDATE area SET in_force = false WHERE id = ANY (cast(:ids AS integer[]));

-- :keep_before the days before the span stay as they were, as rows of their own
INSERT INTO area (level, field, code, name, name_en, short_name, kind, search_key, valid, geom, official_km2,
                  label_point, approximate, sample, source, origin)
SELECT level, field, code, name, name_en, short_name, kind, search_key,
       daterange(lower(valid), cast(:valid_from AS date)), geom, official_km2, label_point, approximate, sample, source,
       'operator'
  FROM area
 WHERE id = ANY (cast(:ids AS integer[])) AND (lower(valid) IS NULL OR lower(valid) < cast(:valid_from AS date));

-- :keep_after the days after the span likewise
INSERT INTO area (level, field, code, name, name_en, short_name, kind, search_key, valid, geom, official_km2,
                  label_point, approximate, sample, source, origin)
SELECT level, field, code, name, name_en, short_name, kind, search_key,
       daterange(cast(:valid_until AS date), upper(valid)), geom, official_km2, label_point, approximate, sample, source,
       'operator'
  FROM area
 WHERE id = ANY (cast(:ids AS integer[])) AND cast(:valid_until AS date) IS NOT NULL
   AND (upper(valid) IS NULL OR upper(valid) > cast(:valid_until AS date));

-- :insert_loaded the rows of `incoming_area` as an operator's
INSERT INTO area (level, field, code, name, name_en, short_name, kind, search_key, valid, geom, official_km2,
                  label_point, approximate, sample, source, origin)
SELECT level, field, code, name, name_en, short_name, kind, search_key, valid, geom, official_km2, label_point,
       approximate, sample, source, 'operator'
  FROM incoming_area
 ORDER BY code COLLATE "C";

-- :note_loaded what areas in memory compare with: its content is the time, so that it is never the same twice
INSERT INTO reference_version (name, sha256) VALUES ('boundaries_loaded', cast(clock_timestamp() AS text))
ON CONFLICT (name) DO UPDATE
  SET sha256 = excluded.sha256, version = reference_version.version + 1, loaded_at = now();

-- :reports_within reports of the span with a place, and the areas they were given
SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat, cast(reported_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) AS day,
       ward_id, district_id, zone_ids
  FROM report
 WHERE geom IS NOT NULL
   AND (cast(:since AS date) IS NULL OR cast(reported_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) >= :since)
   AND (cast(:until AS date) IS NULL OR cast(reported_at AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) < :until)
 ORDER BY id;
