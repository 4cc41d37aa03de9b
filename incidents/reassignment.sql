-- :name standing an incident as it stands, by the code of any of its reports
SELECT incident.id, incident.code, report.code AS asked_code, incident.status, incident.category, incident.unit_id,
       incident.candidate_unit_ids, ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, incident.accuracy_m,
       incident.ward_id, incident.opened_at, incident.dispatch_due_at, incident.accept_due_at,
       incident.resolve_due_at, incident.deadline_rule_id, incident.demo, lead.id AS lead_id, lead.text_salt,
       EXISTS (SELECT FROM report AS any_report
               WHERE any_report.incident_id = incident.id AND any_report.person_id IS NOT NULL) AS known_reporter,
       public.place, public.kind, public.reports,
       (SELECT max(event.id) FROM event WHERE event.incident_id = incident.id) AS last_event,
       coalesce((SELECT extract(epoch FROM sum(ended_at - assigned_at)) FROM assignment
                 WHERE assignment.incident_id = incident.id AND ended_at IS NOT NULL), 0)::double precision
         AS seconds_elsewhere,
       (SELECT min(assigned_at) FROM assignment
        WHERE assignment.incident_id = incident.id AND ended_at IS NULL AND assignment.unit_id = incident.unit_id)
         AS assigned_at
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN report AS lead ON lead.code = incident.code
JOIN public_incident AS public ON public.id = incident.id
WHERE report.code = :code;

-- :name lock the incident of a report, as everybody does who writes about it
SELECT incident.id FROM incident
WHERE incident.id = (SELECT report.incident_id FROM report WHERE report.code = :code) FOR UPDATE;

-- :name change who is responsible and for what: the old assignment ends, the new one begins, incident and public rows
WITH ended AS (
  UPDATE assignment SET ended_at = :at
  WHERE incident_id = :incident_id AND ended_at IS NULL AND :unit_changes
), assigned AS (
  INSERT INTO assignment (incident_id, unit_id, area_id, responsibility_id, rule_version, assigned_at, reason)
  SELECT :incident_id, :unit_id, :area_id, :responsibility_id, :rule_version, :at, :reason
  WHERE :unit_changes AND :status NOT IN ('received', 'classified', 'returned')
), incident_row AS (
  UPDATE incident SET
    category = :category, field = :field, status = :status, unit_id = :unit_id, candidate_unit_ids = :candidates,
    accept_due_at = :accept_due_at, resolve_due_at = :resolve_due_at, deadline_rule_id = :deadline_rule_id,
    updated_at = :at
  WHERE id = :incident_id
), looked_at AS (
  -- A person has decided: it does not wait for one any more.
  UPDATE report SET review_reasons = array_remove(array_remove(review_reasons, 'unit_border'),
                                                  CASE WHEN cast(:category AS text) IS NOT NULL THEN 'no_category' END)
  WHERE incident_id = :incident_id
), public_incident_row AS (
  UPDATE public_incident SET
    category = :category, field = :field, group_code = :group_code, kind = :kind, hero = :hero, urgency = :urgency,
    status = :status, unit_id = :unit_id, due_at = :due_at, updated_at = :at
  WHERE id = :incident_id
)
UPDATE public_report SET
  category = :category, field = :field, group_code = :group_code, status = :status, unit_id = :unit_id,
  due_at = :due_at, steps = steps || cast(:step AS jsonb), updated_at = :at
WHERE incident_id = :incident_id;

-- :name settle_objections a person has decided: nothing of an incident is disputed any more
UPDATE objection SET settled_at = :at WHERE incident_id = :incident_id AND settled_at IS NULL;

-- :name object somebody says in their own name that an incident is not theirs
INSERT INTO objection (incident_id, actor, area_id, unit_id, reason, note, at)
VALUES (:incident_id, :actor, :area_id, :unit_id, :reason, :note, :at);

-- :name objections of an incident that nobody has decided, the newest first
SELECT at, area_id, unit_id, reason, note FROM objection
WHERE incident_id = :incident_id AND settled_at IS NULL ORDER BY id DESC LIMIT 20;

-- :name history what happened to an incident, the newest first; `label` is the account's, a role or a desk
SELECT event.at, event.kind, event.actor, event.data, account.label, account.roles
FROM event LEFT JOIN account ON event.actor = 'account:' || account.id
WHERE event.incident_id = :incident_id AND event.kind IN (
  'report.received', 'report.joined', 'report.place_corrected', 'report.photo_added', 'report.withdrawn',
  'incident.status_changed', 'incident.assigned', 'incident.category_changed', 'incident.objected')
ORDER BY event.id DESC LIMIT 50;

-- :name last_seal the record's last number and hash: what the next line will stand on
SELECT seq, encode(hash, 'hex') AS hash FROM seal ORDER BY seq DESC LIMIT 1;
