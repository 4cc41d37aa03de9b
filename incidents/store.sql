-- :name insert_reports a whole batch in one statement: report, incident, assignment, photos, person, event, public rows
WITH incoming AS MATERIALIZED (
  SELECT given.*, report_code(given.report_id) AS code,
         ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326) AS geom,
         ST_Transform(ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326), 3857) AS geom_3857
  FROM (
    SELECT r.*,
           nextval('report_id_seq') AS report_id,
           coalesce(r.joins_id, nextval('incident_id_seq')) AS incident_id,
           CASE WHEN r.person IS NOT NULL THEN nextval('person_id_seq') END AS person_id
    FROM (
      SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS row (
        pos integer, channel text, category text, said_category text, field text, group_code text, kind text, hero text,
        urgency text, description text, address text, text_salt text, moderation text,
        external_id text, content_hash text, lon double precision, lat double precision, precision text,
        accuracy_m real, confidence real, place_source text, place text, ward_id integer, district_id integer,
        zone_ids integer[], now_ward_id integer, now_district_id integer, review_reasons text[], suggestion text,
        suggestion_confidence real, reported_at timestamptz, received_at timestamptz, demo boolean, status text,
        first_status text, unit_id integer, candidate_unit_ids integer[], assigned_by text, area_id integer, responsibility_id integer,
        rule_version integer, dispatch_due_at timestamptz, accept_due_at timestamptz, resolve_due_at timestamptz,
        due_at timestamptz, deadline_rule_id integer, resolved_at timestamptz, closed_at timestamptz,
        updated_at timestamptz, joins_id bigint, joins_code text, steps jsonb, past integer, event jsonb, person jsonb, photos jsonb)
      ORDER BY row.pos
    ) AS r
  ) AS given
), person_rows AS (
  INSERT INTO person (id, key_id, name, phone, email, phone_lookup, created_at)
  SELECT person_id, person ->> 'key_id', decode(person ->> 'name', 'hex'), decode(person ->> 'phone', 'hex'),
         decode(person ->> 'email', 'hex'), decode(person ->> 'phone_lookup', 'hex'), received_at
  FROM incoming WHERE person_id IS NOT NULL
), incident_rows AS (
  INSERT INTO incident (id, code, category, field, status, unit_id, candidate_unit_ids, geom, accuracy_m, ward_id,
                        district_id, zone_ids, opened_at, dispatch_due_at, accept_due_at, resolve_due_at,
                        deadline_rule_id, resolved_at, closed_at, updated_at, demo)
  SELECT incident_id, code, category, field, status, unit_id, candidate_unit_ids, geom, accuracy_m, ward_id,
         district_id, zone_ids, reported_at, dispatch_due_at, accept_due_at, resolve_due_at,
         deadline_rule_id, resolved_at, closed_at, updated_at, demo
  FROM incoming WHERE joins_id IS NULL
), report_rows AS (
  INSERT INTO report (id, code, incident_id, external_id, content_hash, channel, category, description, address,
                      text_salt, moderation, person_id, geom, precision, accuracy_m, confidence, place_source, ward_id,
                      district_id, zone_ids, review_reasons, suggestion, suggestion_confidence, reported_at,
                      received_at, demo)
  SELECT report_id, code, incident_id, external_id, decode(content_hash, 'hex'), channel, said_category, description,
         address, decode(text_salt, 'hex'), moderation, person_id, geom, precision, accuracy_m, confidence,
         place_source, ward_id, district_id, zone_ids, review_reasons, suggestion, suggestion_confidence, reported_at,
         received_at, demo
  FROM incoming
), assignment_rows AS (
  INSERT INTO assignment (incident_id, unit_id, area_id, responsibility_id, rule_version, assigned_at, reason)
  SELECT incident_id, unit_id, area_id, responsibility_id, rule_version, reported_at, assigned_by
  FROM incoming WHERE first_status = 'assigned' AND joins_id IS NULL
), photo_rows AS (
  INSERT INTO photo (report_id, sha256, width, height, moderation, exif_geom, added_at)
  SELECT DISTINCT ON (report_id, photo.sha256) report_id, photo.sha256, photo.width, photo.height, moderation,
         ST_SetSRID(ST_MakePoint(photo.exif_lon, photo.exif_lat), 4326), received_at
  FROM incoming, jsonb_to_recordset(incoming.photos) AS photo (
    sha256 text, width integer, height integer, exif_lon double precision, exif_lat double precision)
  WHERE incoming.photos IS NOT NULL
), event_rows AS (
  -- The first event of a report, then the steps it had already taken elsewhere (the last `past` of its steps), in
  -- their order.
  INSERT INTO event (at, kind, incident_id, report_id, actor, data)
  SELECT at, kind, incident_id, report_id, :actor, data FROM (
    SELECT pos, 0 AS step, reported_at AS at, 'report.received' AS kind, incident_id, report_id,
           event || jsonb_build_object('code', code) AS data
    FROM incoming
    UNION ALL
    SELECT pos, past.ordinality, (past.value ->> 'at')::timestamptz, 'incident.status_changed', incident_id, report_id,
           past.value - 'at' || '{"bulk": true}'
    FROM incoming, jsonb_array_elements(incoming.steps) WITH ORDINALITY AS past
    WHERE incoming.past > 0 AND past.ordinality > jsonb_array_length(incoming.steps) - incoming.past
  ) AS happened ORDER BY pos, step
), public_incident_rows AS (
  INSERT INTO public_incident (id, code, category, field, group_code, kind, hero, urgency, status, unit_id, geom,
                               geom_3857, precision, accuracy_m, ward_id, district_id, zone_ids, now_ward_id,
                               now_district_id, place, opened_at, due_at, resolved_at, updated_at, demo)
  SELECT incident_id, code, category, field, group_code, kind, hero, urgency, status, unit_id, geom, geom_3857,
         precision, accuracy_m, ward_id, district_id, zone_ids, now_ward_id, now_district_id, place, reported_at,
         due_at, resolved_at, updated_at, demo
  FROM incoming WHERE joins_id IS NULL
), public_report_rows AS (
  INSERT INTO public_report (id, code, incident_id, incident_code, channel, category, field, group_code, status,
                             unit_id, geom, geom_3857, precision, accuracy_m, confidence, place_source, ward_id,
                             district_id, zone_ids, now_ward_id, now_district_id, place, description, steps,
                             reported_at, due_at, updated_at, demo)
  SELECT report_id, code, incident_id, coalesce(joins_code, code), channel, category, field, group_code, status, unit_id, geom, geom_3857,
         precision, accuracy_m, confidence, place_source, ward_id, district_id, zone_ids, now_ward_id,
         now_district_id, place, CASE WHEN moderation = 'released' THEN description END, steps, reported_at, due_at,
         updated_at, demo
  FROM incoming
)
SELECT pos, code, report_id, incident_id FROM incoming ORDER BY pos;
