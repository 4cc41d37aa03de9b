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
       OR report.geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857))
  AND (cast(:fields AS text[]) IS NULL OR report.field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR report.category = ANY(:categories))
  AND (cast(:statuses AS text[]) IS NULL OR report.status = ANY(:statuses))
  AND (cast(:since AS timestamptz) IS NULL OR report.reported_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR report.reported_at < :until)
  AND (cast(:area_id AS integer) IS NULL
       OR (report.geom_3857 && (SELECT ST_Transform(ST_Envelope(area.geom), 3857) FROM area WHERE area.id = :area_id)
           AND ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), report.geom)))
  AND (cast(:before_at AS timestamptz) IS NULL OR (report.reported_at, report.id) < (:before_at, :before_id))
  AND report.status <> 'withdrawn'
ORDER BY report.reported_at DESC, report.id DESC
LIMIT :limit;

-- :name incident_list most urgent first: late ones by how late, then new, then those in progress, then resolved.
-- With a box, an incident is in it where its mark is: that of its own, or the disc of its cell where more than :apart lie
-- in one (:level says how often the map is halved to make the cells, as in webmap/tiles.sql), so that the list counts what
-- the map shows.
WITH shown AS (
  SELECT incident.*, s.state, 40075016.685578488 / 2 ^ cast(:level AS integer) AS side,
         floor((ST_X(incident.geom_3857) + 20037508.342789244) * (2 ^ cast(:level AS integer) / 40075016.685578488)) AS cell_column,
         floor((20037508.342789244 - ST_Y(incident.geom_3857)) * (2 ^ cast(:level AS integer) / 40075016.685578488)) AS cell_row
  FROM public_incident AS incident
  CROSS JOIN LATERAL (
    SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS s
  WHERE (cast(:west AS double precision) IS NULL OR incident.geom_3857 && ST_Expand(
           ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857),
           coalesce(40075016.685578488 / 2 ^ cast(:level AS integer), 0)))
    AND (incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
         OR incident.resolved_at > :now - interval '7 days')
    AND s.state IS NOT NULL
    AND (cast(:states AS text[]) IS NULL OR s.state = ANY(:states))
    AND (cast(:kinds AS text[]) IS NULL OR incident.kind = ANY(:kinds))
    AND (cast(:categories AS text[]) IS NULL OR incident.category = ANY(:categories))
    AND (cast(:since AS timestamptz) IS NULL OR incident.opened_at >= :since)
    AND (cast(:until AS timestamptz) IS NULL OR incident.opened_at < :until)
), marked AS (
  SELECT shown.*, count(*) OVER cell AS together,
         avg(round(ST_X(geom_3857) * 10)) OVER cell / 10 AS east, avg(round(ST_Y(geom_3857) * 10)) OVER cell / 10 AS north
  FROM shown WINDOW cell AS (PARTITION BY cell_column, cell_row)
), inside AS (
  SELECT marked.*, CASE state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END AS rank
  FROM marked
  WHERE cast(:west AS double precision) IS NULL
     OR CASE WHEN side IS NULL OR together <= cast(:apart AS integer) THEN geom_3857 ELSE ST_SetSRID(ST_MakePoint(
          least(greatest(east, (cell_column + 0.22) * side - 20037508.342789244),
                (cell_column + 0.78) * side - 20037508.342789244),
          least(greatest(north, 20037508.342789244 - (cell_row + 0.78) * side),
                20037508.342789244 - (cell_row + 0.22) * side)), 3857) END
        && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857)
), page AS (
  SELECT inside.*, row_number() OVER (
           ORDER BY rank, CASE WHEN rank = 0 THEN due_at END, opened_at DESC, id DESC) AS place_in_list
  FROM inside ORDER BY place_in_list LIMIT :limit OFFSET :offset
), counted AS (
  SELECT coalesce(jsonb_agg(groups), '[]') AS groups FROM (
    SELECT kind, hero, field, state, count(*) AS n FROM inside GROUP BY kind, hero, field, state) AS groups
)
-- The numbers come once, beside the first row; a row without an id says that the page is empty.
SELECT CASE WHEN row_number() OVER (ORDER BY page.place_in_list) = 1 THEN counted.groups END AS groups,
       page.*, ST_X(page.geom) AS lon, ST_Y(page.geom) AS lat
FROM counted LEFT JOIN page ON true
ORDER BY page.place_in_list;

-- :name incident_counts by kind and state for a box, without the kind and state filters, so that every switch has its number
SELECT incident.kind, incident.hero, incident.field, shown.state, count(*) AS n
FROM public_incident AS incident
CROSS JOIN LATERAL (SELECT incident_state(incident.status, incident.due_at, incident.resolved_at, :now) AS state) AS shown
WHERE (incident.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
       OR incident.resolved_at > :now - interval '7 days')
  AND shown.state IS NOT NULL
  AND (cast(:west AS double precision) IS NULL
       OR incident.geom_3857 && ST_Transform(ST_MakeEnvelope(:west, :south, :east, :north, 4326), 3857))
  AND (cast(:categories AS text[]) IS NULL OR incident.category = ANY(:categories))
  AND (cast(:since AS timestamptz) IS NULL OR incident.opened_at >= :since)
  AND (cast(:until AS timestamptz) IS NULL OR incident.opened_at < :until)
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
