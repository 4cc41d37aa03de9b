-- :name reports_by_id public columns of reports, for the stream and after a write
SELECT report.*, ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, incident.reports
FROM public_report AS report JOIN public_incident AS incident ON incident.id = report.incident_id
WHERE report.id = ANY(:ids);

-- :name report_by_code one report's public columns
SELECT report.*, ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, incident.reports
FROM public_report AS report JOIN public_incident AS incident ON incident.id = report.incident_id
WHERE report.code = :code;

-- :name report_list newest first; every filter is left out by giving it null
SELECT report.*, ST_X(report.geom) AS lon, ST_Y(report.geom) AS lat, incident.reports
FROM public_report AS report JOIN public_incident AS incident ON incident.id = report.incident_id
WHERE (cast(:west AS double precision) IS NULL
       OR report.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
  AND (cast(:fields AS text[]) IS NULL OR report.field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR report.category = ANY(:categories))
  AND (cast(:statuses AS text[]) IS NULL OR report.status = ANY(:statuses))
  AND (cast(:since AS timestamptz) IS NULL OR report.reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR report.reported_at < :until)
  AND (cast(:area_id AS integer) IS NULL
       OR ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), report.geom))
  AND (cast(:before_at AS timestamptz) IS NULL OR (report.reported_at, report.id) < (:before_at, :before_id))
  AND report.status <> 'withdrawn'
ORDER BY report.reported_at DESC, report.id DESC
LIMIT :limit;

-- :name incident_list most urgent first: late ones by how late, then new, then those in progress, then resolved
SELECT incident.*, ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, shown.state, shown.rank
FROM public_incident AS incident
CROSS JOIN LATERAL (SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS s
CROSS JOIN LATERAL (SELECT s.state,
  CASE s.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END AS rank) AS shown
WHERE (incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
       OR incident.resolved_at > :now - interval '7 days')
  AND shown.state IS NOT NULL
  AND (cast(:west AS double precision) IS NULL
       OR incident.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
  AND (cast(:states AS text[]) IS NULL OR shown.state = ANY(:states))
  AND (cast(:kinds AS text[]) IS NULL OR incident.kind = ANY(:kinds))
ORDER BY shown.rank, CASE WHEN shown.rank = 0 THEN incident.due_at END, incident.opened_at DESC, incident.id DESC
LIMIT :limit OFFSET :offset;

-- :name incident_counts by kind and state for a box, without the kind and state filters, so that every switch has its number
SELECT incident.kind, incident.hero, incident.field, shown.state, count(*) AS n
FROM public_incident AS incident
CROSS JOIN LATERAL (SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS shown
WHERE (incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
       OR incident.resolved_at > :now - interval '7 days')
  AND shown.state IS NOT NULL
  AND (cast(:west AS double precision) IS NULL
       OR incident.geom && ST_MakeEnvelope(:west, :south, :east, :north, 4326))
GROUP BY incident.kind, incident.hero, incident.field, shown.state;

-- :name last_sealed the record's last number: where a stream goes on from after this answer
SELECT coalesce(max(seq), 0) FROM seal;

-- :name recent_reports how many reports came in the last hour
SELECT count(*) FROM public_report WHERE reported_at > :since;

-- :name refresh_areas_of_today the areas in force today, after boundaries changed
UPDATE public_report AS report SET now_ward_id = fresh.ward_id, now_district_id = fresh.district_id
FROM unnest(cast(:ids AS bigint[]), cast(:ward_ids AS integer[]), cast(:district_ids AS integer[]))
  AS fresh (id, ward_id, district_id)
WHERE report.id = fresh.id;

-- :name refresh_incidents_of_today the same for incidents, from their first report
UPDATE public_incident AS incident SET now_ward_id = report.now_ward_id, now_district_id = report.now_district_id
FROM public_report AS report
WHERE report.code = incident.code
  AND (incident.now_ward_id, incident.now_district_id) IS DISTINCT FROM (report.now_ward_id, report.now_district_id);

-- :name all_places every public report's place, in pieces by id
SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM public_report
WHERE geom IS NOT NULL AND id > :after ORDER BY id LIMIT :limit;
