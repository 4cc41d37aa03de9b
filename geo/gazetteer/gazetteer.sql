-- :name drop_source what a source gave before
DELETE FROM gazetteer_source WHERE name = :name;

-- :name note_source a source, before its entries
INSERT INTO gazetteer_source (name, licence, as_of, sha256, shipped) VALUES (:name, :licence, :as_of, :sha256, :shipped);

-- :name staging entries arrive by COPY, geometry as EWKB
CREATE TEMPORARY TABLE IF NOT EXISTS incoming_gazetteer
  (kind text, name text, others text[], detail text, size real, external_id text, geom bytea) ON COMMIT DROP;

-- :name copy the staged entries
COPY incoming_gazetteer (kind, name, others, detail, size, external_id, geom) FROM STDIN (FORMAT BINARY);

-- :name take over the staged entries
WITH moved AS (DELETE FROM incoming_gazetteer RETURNING *)
INSERT INTO gazetteer_entry (source, kind, name, others, detail, size, external_id, geom)
SELECT :source, kind, name, others, detail, size, external_id, ST_GeomFromEWKB(geom) FROM moved;

-- :name statistics for the planner
ANALYZE gazetteer_entry;

-- :name sources every source with its checksum, in the order of their names
SELECT name, sha256 FROM gazetteer_source ORDER BY name;

-- :name listing sources with the number of their entries
SELECT s.name, s.as_of, s.licence, count(e.id) AS entries
  FROM gazetteer_source s LEFT JOIN gazetteer_entry e ON e.source = s.name
 GROUP BY s.name ORDER BY s.name;

-- :name entries everything, in an order that does not change
SELECT kind, name, others, detail, size, external_id, ST_AsBinary(geom) AS geom FROM gazetteer_entry ORDER BY id;

-- :name so_far how far the corrections are: another answer than before means that they are read again
SELECT count(*) || ' ' || count(undone_at) || ' ' || count(confirmed_at) || ' ' || coalesce(max(id), 0)
  FROM gazetteer_correction;

-- :name copy_of a compact form
SELECT made_of, body FROM gazetteer_copy WHERE name = :name;

-- :name made_of what a compact form was made from
SELECT made_of FROM gazetteer_copy WHERE name = :name;

-- :name keep_copy keep a compact form
INSERT INTO gazetteer_copy (name, made_of, body) VALUES (:name, :made_of, :body)
ON CONFLICT (name) DO UPDATE SET made_of = excluded.made_of, body = excluded.body;

-- :name corrections all that hold
SELECT key, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM gazetteer_correction
WHERE confirmed_at IS NOT NULL AND undone_at IS NULL ORDER BY confirmed_at, id;

-- :name learn a correction
INSERT INTO gazetteer_correction (key, geom, made_by, origin, confirmed_at, confirmed_by)
VALUES (:key, ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), :made_by, :origin,
        CASE WHEN :confirmed THEN app_now() END, CASE WHEN :confirmed THEN :made_by ELSE '' END) RETURNING id;

-- :name confirm a correction that waits
UPDATE gazetteer_correction SET confirmed_at = app_now(), confirmed_by = :by
WHERE id = :id AND confirmed_at IS NULL AND undone_at IS NULL;

-- :name undo a correction
UPDATE gazetteer_correction SET undone_at = app_now(), undone_by = :by WHERE id = :id AND undone_at IS NULL;

-- :name learnt corrections, those that wait first, then the newest; `origin` narrows it to one report
SELECT id, key, ST_X(geom) AS lon, ST_Y(geom) AS lat, made_at, made_by, origin, confirmed_at, undone_at
FROM gazetteer_correction
WHERE CAST(:origin AS text) IS NULL OR origin = :origin
ORDER BY (confirmed_at IS NULL AND undone_at IS NULL) DESC, id DESC LIMIT :limit;

-- :name one correction
SELECT id, key, ST_X(geom) AS lon, ST_Y(geom) AS lat, made_at, made_by, origin, confirmed_at, undone_at
FROM gazetteer_correction WHERE id = :id;
