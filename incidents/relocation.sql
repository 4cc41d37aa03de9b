-- :name place_now where a report lies, and what was said of it
SELECT report.id AS report_id, report.address, ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, report.precision,
       report.accuracy_m, report.ward_id, report.district_id, report.review_reasons, report.reported_at,
       report.code = incident.code AS leads, report.text_salt, public_report.place AS words
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN public_report ON public_report.id = report.id
WHERE report.code = :code;

-- :name move a report to another place: its former one is kept, and its incident goes along where it is the first
WITH spot AS (
  SELECT ST_SetSRID(ST_MakePoint(:lon, :lat), 4326) AS geom,
         ST_Transform(ST_SetSRID(ST_MakePoint(:lon, :lat), 4326), 3857) AS geom_3857
), former AS (
  INSERT INTO report_place (report_id, geom, precision, accuracy_m, confidence, place_source, until, reason)
  SELECT id, geom, precision, accuracy_m, confidence, place_source, :at, :reason FROM report WHERE id = :report_id
), report_row AS (
  UPDATE report SET
    geom = spot.geom, precision = :precision, accuracy_m = :accuracy_m, confidence = :confidence,
    place_source = :place_source, ward_id = :ward_id, district_id = :district_id, zone_ids = :zone_ids,
    review_reasons = :review_reasons
  FROM spot WHERE report.id = :report_id
), incident_row AS (
  UPDATE incident SET
    geom = spot.geom, accuracy_m = :accuracy_m, ward_id = :ward_id, district_id = :district_id, zone_ids = :zone_ids,
    candidate_unit_ids = cast(:candidates AS integer[]), updated_at = :at
  FROM spot WHERE incident.id = :incident_id AND :leads
), public_incident_row AS (
  UPDATE public_incident SET
    geom = spot.geom, geom_3857 = spot.geom_3857, precision = :precision, accuracy_m = :accuracy_m,
    ward_id = :ward_id, district_id = :district_id, zone_ids = :zone_ids, now_ward_id = :now_ward_id,
    now_district_id = :now_district_id, place = :place, updated_at = :at
  FROM spot WHERE public_incident.id = :incident_id AND :leads
)
UPDATE public_report SET
  geom = spot.geom, geom_3857 = spot.geom_3857, precision = :precision, accuracy_m = :accuracy_m,
  confidence = :confidence, place_source = :place_source, ward_id = :ward_id, district_id = :district_id,
  zone_ids = :zone_ids, now_ward_id = :now_ward_id, now_district_id = :now_district_id, place = :place,
  steps = steps || cast(:step AS jsonb), updated_at = :at
FROM spot WHERE public_report.id = :report_id;
