-- :name waiting incidents at the desk whose unit a person has to choose, what is due first on top
SELECT incident.code, incident.status, incident.category, incident.candidate_unit_ids, incident.ward_id, incident.demo,
       public.kind, public.place, public.due_at
FROM incident JOIN public_incident AS public ON public.id = incident.id
WHERE incident.unit_id = :desk AND incident.status IN ('received', 'classified', 'returned')
ORDER BY public.due_at NULLS LAST, incident.id LIMIT :limit;
