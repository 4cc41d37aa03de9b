-- :name select_rows what the file's columns say of reports today; a filter is left out by giving it null
SELECT report.id, report.code, report.external_id, report.channel, report.reported_at, incident.category,
       report.description, report.address, report.moderation, shown.place, coarse.told AS coarsely,
       -- the public's place of a construction violation is never the house (0007_coarse_places.sql)
       ST_X(CASE WHEN coarse.told THEN shown.geom ELSE report.geom END) AS lon,
       ST_Y(CASE WHEN coarse.told THEN shown.geom ELSE report.geom END) AS lat,
       CASE WHEN coarse.told THEN shown.precision ELSE report.precision END AS precision,
       CASE WHEN coarse.told THEN shown.accuracy_m ELSE report.accuracy_m END AS accuracy_m, incident.status, unit.code AS unit,
       CASE WHEN incident.status = 'resolved' THEN coalesce(incident.resolved_at, incident.updated_at)
            WHEN incident.status IN ('closed', 'rejected', 'withdrawn', 'merged')
            THEN coalesce(incident.closed_at, incident.updated_at) END AS closed_at,
       report.ward_id, report.district_id, report.zone_ids, report.demo,
       person.key_id, person.name, person.phone, person.email
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN unit ON unit.id = incident.unit_id
JOIN public_report AS shown ON shown.id = report.id
CROSS JOIN LATERAL (SELECT (shown.group_code = 'construction') IS TRUE AND NOT :private AS told) AS coarse
LEFT JOIN person ON person.id = report.person_id AND :private
WHERE (cast(:ids AS bigint[]) IS NULL OR report.id = ANY(:ids))
  AND (cast(:fields AS text[]) IS NULL OR incident.field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR incident.category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR report.reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR report.reported_at < :until)
  AND (cast(:area_id AS integer) IS NULL
       OR ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), report.geom))
  AND (:private OR incident.status <> 'withdrawn')
ORDER BY report.id
