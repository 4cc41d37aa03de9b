-- :name report_of_code the id of a report that the public knows
SELECT id FROM public_report WHERE code = :code;

-- :name own what may be done with a report depends on this
SELECT report.code, incident.status, incident.category, public_incident.reports > 1 AS shared,
       report.code = incident.code AS leads,
       (SELECT count(*) FROM photo WHERE photo.report_id = report.id AND photo.role = 'report') AS photos,
       public_report.steps @> '[{"status": "withdrawn"}]' AS withdrawn
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN public_incident ON public_incident.id = incident.id
JOIN public_report ON public_report.id = report.id
WHERE report.code = :code;

-- :name lock a report's incident
SELECT incident.id AS incident_id, report.id AS report_id
FROM report JOIN incident ON incident.id = report.incident_id WHERE report.code = :code FOR UPDATE OF incident;

-- :name said_category the category that its reporter names now
UPDATE report SET category = :category WHERE code = :code;

-- :name add_photos held from the public; those that are there already change nothing
INSERT INTO photo (report_id, sha256, width, height, exif_geom, added_at)
SELECT :report_id, photo.sha256, photo.width, photo.height,
       ST_SetSRID(ST_MakePoint(photo.exif_lon, photo.exif_lat), 4326), :at
FROM jsonb_to_recordset(cast(:photos AS jsonb)) AS photo (
  sha256 text, width integer, height integer, exif_lon double precision, exif_lat double precision)
ON CONFLICT (report_id, sha256) DO NOTHING
RETURNING sha256;

-- :name hide what a reporter wrote and photographed; it is not released later either
WITH text_held AS (
  UPDATE report SET moderation = 'refused' WHERE id = :report_id
), photos_held AS (
  UPDATE photo SET moderation = 'refused' WHERE report_id = :report_id AND role = 'report'
)
UPDATE public_report SET
  description = NULL, updated_at = :at, steps = steps || cast(:step AS jsonb),
  photos = coalesce((SELECT jsonb_agg(shown) FROM jsonb_array_elements(photos) AS shown
                     WHERE shown ->> 'role' = 'repair'), '[]')
WHERE id = :report_id;

-- :name end the incident with its only report
WITH ended AS (
  UPDATE assignment SET ended_at = :at WHERE incident_id = :incident_id AND ended_at IS NULL
), incident_row AS (
  UPDATE incident SET status = 'withdrawn', closed_at = :at, updated_at = :at WHERE id = :incident_id
), public_incident_row AS (
  UPDATE public_incident SET status = 'withdrawn', updated_at = :at WHERE id = :incident_id
)
UPDATE public_report SET status = 'withdrawn', updated_at = :at WHERE id = :report_id;
