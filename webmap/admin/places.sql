-- :name unsure reports whose place nobody is sure of and whose incident is open, the newest first
SELECT report.code, report.address, report.precision, report.accuracy_m, report.ward_id, report.received_at,
       incident.status, incident.category, public_incident.kind, public_incident.due_at, public_report.place
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN public_incident ON public_incident.id = incident.id
JOIN public_report ON public_report.id = report.id
WHERE report.review_reasons && ARRAY['no_place', 'low_confidence']
  AND incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
ORDER BY report.received_at DESC LIMIT :limit;
