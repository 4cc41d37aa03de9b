-- :name report one report with its incident's symbol and clocks, public columns only
SELECT report.id, report.code, report.incident_id, report.incident_code, report.channel, report.category, report.field,
       report.status, report.unit_id, report.precision, report.accuracy_m, report.ward_id, report.district_id,
       report.place, report.description, report.photos, report.steps, report.reported_at, report.due_at,
       greatest(report.updated_at, incident.updated_at) AS updated_at, report.demo,
       ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat,
       incident.kind, incident.hero, incident.reports, incident.opened_at, incident.resolved_at
FROM public_report AS report
JOIN public_incident AS incident ON incident.id = report.incident_id
WHERE report.code = :code;

-- :name channels through which the reports of one incident came, the first one first
SELECT channel FROM public_report WHERE incident_id = :incident_id GROUP BY channel ORDER BY min(reported_at), channel;
