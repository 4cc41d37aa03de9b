-- :name lock what reports are now; their incidents stay locked until the transaction ends, in one order for everybody
SELECT report.id AS report_id, report.code, report.channel, report.description, report.address, report.reported_at,
       ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, incident.id AS incident_id, incident.status,
       incident.category, incident.unit_id, incident.code = report.code AS leads, incident.resolved_at,
       incident.closed_at, incident.dispatch_due_at, incident.resolve_due_at
FROM incident JOIN report ON report.incident_id = incident.id
WHERE report.id = ANY(CAST(:report_ids AS bigint[]))
ORDER BY incident.id, report.id
FOR UPDATE OF incident;

-- :name revise reports as they are said to be now: report, its former place, person, and what hangs on the incident
WITH given AS MATERIALIZED (
  SELECT * FROM jsonb_to_recordset(cast(:rows AS jsonb)) AS row (
    report_id bigint, incident_id bigint, leads boolean, channel text, category text, field text, group_code text,
    kind text, hero text, urgency text, description text, address text, text_salt text, content_hash text,
    lon double precision, lat double precision, precision text, accuracy_m real, confidence real, place_source text,
    place text, ward_id integer, district_id integer, zone_ids integer[], now_ward_id integer,
    now_district_id integer, review_reasons text[], suggestion text, suggestion_confidence real,
    reported_at timestamptz, status text, unit_id integer, candidate_unit_ids integer[], assigned_by text,
    area_id integer, responsibility_id integer, rule_version integer, dispatch_due_at timestamptz,
    accept_due_at timestamptz, resolve_due_at timestamptz, due_at timestamptz, deadline_rule_id integer,
    resolved_at timestamptz, closed_at timestamptz, steps jsonb, person jsonb, person_said boolean, moved boolean,
    reworded boolean, reassigned boolean, new_clocks boolean)
), incoming AS MATERIALIZED (
  SELECT given.*, report.person_id AS old_person_id,
         ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326) AS geom,
         ST_Transform(ST_SetSRID(ST_MakePoint(given.lon, given.lat), 4326), 3857) AS geom_3857,
         CASE WHEN given.person_said AND given.person IS NOT NULL AND report.person_id IS NULL
              THEN nextval(pg_get_serial_sequence('person', 'id')) END AS new_person_id
  FROM given JOIN report ON report.id = given.report_id
), former_places AS (
  INSERT INTO report_place (report_id, geom, precision, accuracy_m, confidence, place_source, until, reason)
  SELECT report.id, report.geom, report.precision, report.accuracy_m, report.confidence, report.place_source, :at,
         :reason
  FROM incoming JOIN report ON report.id = incoming.report_id WHERE incoming.moved
), new_people AS (
  INSERT INTO person (id, key_id, name, phone, email, phone_lookup, created_at)
  SELECT new_person_id, person ->> 'key_id', decode(person ->> 'name', 'hex'), decode(person ->> 'phone', 'hex'),
         decode(person ->> 'email', 'hex'), decode(person ->> 'phone_lookup', 'hex'), :at
  FROM incoming WHERE new_person_id IS NOT NULL
), changed_people AS (
  UPDATE person SET
    key_id = incoming.person ->> 'key_id', name = decode(incoming.person ->> 'name', 'hex'),
    phone = decode(incoming.person ->> 'phone', 'hex'), email = decode(incoming.person ->> 'email', 'hex'),
    phone_lookup = decode(incoming.person ->> 'phone_lookup', 'hex')
  FROM incoming
  WHERE person.id = incoming.old_person_id AND incoming.person_said AND incoming.person IS NOT NULL
), report_rows AS (
  UPDATE report SET
    channel = incoming.channel, category = incoming.category, description = incoming.description,
    address = incoming.address, text_salt = decode(incoming.text_salt, 'hex'),
    content_hash = decode(incoming.content_hash, 'hex'), geom = incoming.geom, precision = incoming.precision,
    accuracy_m = incoming.accuracy_m, confidence = incoming.confidence, place_source = incoming.place_source,
    ward_id = incoming.ward_id, district_id = incoming.district_id, zone_ids = incoming.zone_ids,
    review_reasons = incoming.review_reasons, suggestion = incoming.suggestion,
    suggestion_confidence = incoming.suggestion_confidence, reported_at = incoming.reported_at,
    -- A text that nobody has looked at is held again.
    moderation = CASE WHEN incoming.reworded THEN 'held' ELSE report.moderation END,
    person_id = CASE WHEN NOT incoming.person_said THEN report.person_id
                     WHEN incoming.person IS NOT NULL THEN coalesce(incoming.new_person_id, report.person_id) END
  FROM incoming WHERE report.id = incoming.report_id
), forgotten AS (
  DELETE FROM person USING incoming
  WHERE person.id = incoming.old_person_id AND incoming.person_said AND incoming.person IS NULL
), ended AS (
  UPDATE assignment SET ended_at = :at FROM incoming
  WHERE assignment.incident_id = incoming.incident_id AND assignment.ended_at IS NULL
    AND incoming.reassigned AND incoming.leads
), assigned AS (
  INSERT INTO assignment (incident_id, unit_id, area_id, responsibility_id, rule_version, assigned_at, reason)
  SELECT incident_id, unit_id, area_id, responsibility_id, rule_version, :at, assigned_by
  FROM incoming WHERE reassigned AND leads AND status NOT IN ('received', 'classified')
), incident_rows AS (
  UPDATE incident SET
    category = incoming.category, field = incoming.field, status = incoming.status, unit_id = incoming.unit_id,
    candidate_unit_ids = CASE WHEN incoming.reassigned OR incoming.moved THEN incoming.candidate_unit_ids
                              ELSE incident.candidate_unit_ids END,
    geom = incoming.geom, accuracy_m = incoming.accuracy_m, ward_id = incoming.ward_id,
    district_id = incoming.district_id, zone_ids = incoming.zone_ids, opened_at = incoming.reported_at,
    dispatch_due_at = CASE WHEN new_clocks THEN incoming.dispatch_due_at ELSE incident.dispatch_due_at END,
    accept_due_at = CASE WHEN new_clocks THEN incoming.accept_due_at ELSE incident.accept_due_at END,
    resolve_due_at = CASE WHEN new_clocks THEN incoming.resolve_due_at ELSE incident.resolve_due_at END,
    deadline_rule_id = CASE WHEN new_clocks THEN incoming.deadline_rule_id ELSE incident.deadline_rule_id END,
    resolved_at = incoming.resolved_at, closed_at = incoming.closed_at, updated_at = :at
  FROM incoming WHERE incident.id = incoming.incident_id AND incoming.leads
), public_incident_rows AS (
  UPDATE public_incident SET
    category = incoming.category, field = incoming.field, group_code = incoming.group_code, kind = incoming.kind,
    hero = incoming.hero, urgency = incoming.urgency, status = incoming.status, unit_id = incoming.unit_id,
    geom = incoming.geom, geom_3857 = incoming.geom_3857, precision = incoming.precision,
    accuracy_m = incoming.accuracy_m, ward_id = incoming.ward_id, district_id = incoming.district_id,
    zone_ids = incoming.zone_ids, now_ward_id = incoming.now_ward_id, now_district_id = incoming.now_district_id,
    place = incoming.place, opened_at = incoming.reported_at, due_at = incoming.due_at,
    resolved_at = incoming.resolved_at, updated_at = :at
  FROM incoming WHERE public_incident.id = incoming.incident_id AND incoming.leads
)
UPDATE public_report SET
  channel = incoming.channel, geom = incoming.geom, geom_3857 = incoming.geom_3857, precision = incoming.precision,
  accuracy_m = incoming.accuracy_m, confidence = incoming.confidence, place_source = incoming.place_source,
  ward_id = incoming.ward_id, district_id = incoming.district_id, zone_ids = incoming.zone_ids,
  now_ward_id = incoming.now_ward_id, now_district_id = incoming.now_district_id, place = incoming.place,
  description = CASE WHEN incoming.reworded THEN NULL ELSE public_report.description END,
  steps = public_report.steps || incoming.steps, reported_at = incoming.reported_at, updated_at = :at
FROM incoming WHERE public_report.id = incoming.report_id;

-- :name spread what the incident is, onto all its reports' public rows
UPDATE public_report SET
  status = incident.status, unit_id = incident.unit_id, category = incident.category, field = incident.field,
  group_code = incident.group_code, due_at = incident.due_at
FROM public_incident AS incident
WHERE incident.id = ANY(CAST(:incident_ids AS bigint[])) AND public_report.incident_id = incident.id
  AND (public_report.status, public_report.unit_id, public_report.category, public_report.field,
       public_report.group_code, public_report.due_at)
      IS DISTINCT FROM (incident.status, incident.unit_id, incident.category, incident.field, incident.group_code,
                        incident.due_at);
