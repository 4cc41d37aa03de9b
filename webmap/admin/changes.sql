-- :name waiting incidents at the desk whose unit a person has to choose, and those that somebody says are not theirs;
-- what is due first on top
SELECT incident.code, incident.status, incident.category, incident.candidate_unit_ids, incident.ward_id, incident.demo,
       public.kind, public.place, public.due_at,
       EXISTS (SELECT FROM objection WHERE objection.incident_id = incident.id AND objection.settled_at IS NULL)
         AS objected
FROM incident JOIN public_incident AS public ON public.id = incident.id
WHERE (incident.unit_id = :desk AND incident.status IN ('received', 'classified', 'returned'))
   OR (incident.id IN (SELECT objection.incident_id FROM objection WHERE objection.settled_at IS NULL)
       AND incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged'))
ORDER BY public.due_at NULLS LAST, incident.id LIMIT :limit;
