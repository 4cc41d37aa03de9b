-- :drop_incoming a former load in the same transaction may have left it
DROP TABLE IF EXISTS pg_temp.incoming_area;

-- :make_incoming the rows of one load, before they are compared with what is there
CREATE TEMPORARY TABLE incoming_area ON COMMIT DROP AS
SELECT level, field, code, name, name_en, short_name, kind, search_key,
       daterange(valid_from, valid_until) AS valid,
       ST_Multi(ST_SetSRID(ST_GeomFromWKB(geom), 4326)) AS geom,
       official_km2, ST_SetSRID(ST_MakePoint(label_lon, label_lat), 4326) AS label_point,
       approximate, sample, source
  FROM unnest(cast(:level AS text[]), cast(:field AS text[]), cast(:code AS text[]), cast(:name AS text[]),
              cast(:name_en AS text[]), cast(:short_name AS text[]), cast(:kind AS text[]), cast(:search_key AS text[]),
              cast(:valid_from AS date[]), cast(:valid_until AS date[]), cast(:geom AS bytea[]),
              cast(:official_km2 AS float8[]), cast(:label_lon AS float8[]), cast(:label_lat AS float8[]),
              cast(:approximate AS boolean[]), cast(:sample AS boolean[]), cast(:source AS text[]))
       AS given (level, field, code, name, name_en, short_name, kind, search_key, valid_from, valid_until, geom,
                 official_km2, label_lon, label_lat, approximate, sample, source);

-- :retire_shipped what was shipped once and is no longer keeps its row and its id, out of force
UPDATE area AS a SET in_force = false
 WHERE a.origin = 'shipped' AND a.in_force AND a.level = ANY (cast(:levels AS text[]))
   AND NOT EXISTS (SELECT FROM incoming_area AS i
                    WHERE (i.level, i.field, i.code, i.valid) = (a.level, a.field, a.code, a.valid));

-- :update_shipped the same area with another line or name keeps its id; what an operator put in its place stays
UPDATE area AS a
   SET name = i.name, name_en = i.name_en, short_name = i.short_name, kind = i.kind, search_key = i.search_key,
       geom = i.geom, official_km2 = i.official_km2, label_point = i.label_point, approximate = i.approximate,
       sample = i.sample, source = i.source,
       in_force = NOT EXISTS (SELECT FROM area AS o
                               WHERE o.origin = 'operator' AND o.in_force AND o.level = i.level AND o.field = i.field
                                 AND o.valid && i.valid)
  FROM incoming_area AS i
 WHERE a.origin = 'shipped' AND (i.level, i.field, i.code, i.valid) = (a.level, a.field, a.code, a.valid);

-- :insert_shipped
INSERT INTO area (level, field, code, name, name_en, short_name, kind, search_key, valid, geom, official_km2,
                  label_point, approximate, sample, source, in_force)
SELECT i.level, i.field, i.code, i.name, i.name_en, i.short_name, i.kind, i.search_key, i.valid, i.geom,
       i.official_km2, i.label_point, i.approximate, i.sample, i.source,
       NOT EXISTS (SELECT FROM area AS o
                    WHERE o.origin = 'operator' AND o.in_force AND o.level = i.level AND o.field = i.field
                      AND o.valid && i.valid)
  FROM incoming_area AS i
 WHERE NOT EXISTS (SELECT FROM area AS a
                    WHERE a.origin = 'shipped'
                      AND (a.level, a.field, a.code, a.valid) = (i.level, i.field, i.code, i.valid))
 ORDER BY i.level, i.field, i.code COLLATE "C", i.valid;
