-- :name watched an area's incidents by their public columns, most urgent first, and the numbers of all of them.
-- Exactly one of :ward_id (a ward of today), :district_id (a last district) and :area_id (by its polygon) is given, or
-- none for the whole city. A row without an id carries the numbers of an empty list.
WITH here AS MATERIALIZED (
  SELECT public.*, s.state,
         CASE s.state WHEN 'late' THEN 0 WHEN 'new' THEN 1 WHEN 'progress' THEN 2 ELSE 3 END AS rank
  FROM public_incident AS public
  CROSS JOIN LATERAL (
    SELECT incident_state(public.status, public.due_at, public.resolved_at, :now) AS state) AS s
  WHERE (public.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
         OR public.resolved_at > :now - interval '7 days')
    AND s.state IS NOT NULL
    AND (cast(:ward_id AS integer) IS NULL OR public.now_ward_id = :ward_id)
    AND (cast(:district_id AS integer) IS NULL OR public.now_district_id = :district_id)
    AND (cast(:area_id AS integer) IS NULL
         OR (public.geom_3857 && (SELECT ST_Transform(ST_Envelope(area.geom), 3857) FROM area WHERE area.id = :area_id)
             AND ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), public.geom)))
), numbers AS (
  SELECT coalesce(jsonb_agg(groups), '[]') AS groups FROM (
    SELECT hero, state, count(*) AS n, min(due_at) AS first_due,
           count(*) FILTER (WHERE resolved_at <= due_at) AS in_time,
           count(*) FILTER (WHERE resolved_at IS NOT NULL AND due_at IS NOT NULL) AS with_deadline
    FROM here GROUP BY hero, state) AS groups
), urgent AS (
  -- whatever the filters: who looks at something else still wants to hear of them
  SELECT coalesce(jsonb_agg(code), '[]') AS codes FROM (
    SELECT code FROM here WHERE state = 'new' AND urgency IN ('emergency', 'high') ORDER BY id DESC LIMIT 200) AS newest
), page AS (
  SELECT here.*, row_number() OVER (
           ORDER BY rank, CASE WHEN rank = 0 THEN due_at END, opened_at DESC, id DESC) AS place_in_list
  FROM here
  WHERE here.state = ANY(:states) AND (cast(:heroes AS text[]) IS NULL OR here.hero = ANY(:heroes))
  ORDER BY place_in_list LIMIT :limit
)
SELECT CASE WHEN row_number() OVER (ORDER BY page.place_in_list) = 1 THEN numbers.groups END AS groups,
       urgent.codes AS urgent, page.*, ST_X(page.geom) AS lon, ST_Y(page.geom) AS lat
FROM numbers CROSS JOIN urgent LEFT JOIN page ON true
ORDER BY page.place_in_list;

-- :name disputed of these incidents, those that somebody says are not theirs and nobody has decided
SELECT DISTINCT incident_id FROM objection WHERE incident_id = ANY(:ids) AND settled_at IS NULL;

-- :name exact where incidents really are, for whose work it is; the public rows hold construction cases coarsely
SELECT incident.id, ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, incident.accuracy_m, lead.precision
FROM incident LEFT JOIN report AS lead ON lead.code = incident.code
WHERE incident.id = ANY(:ids);

-- :name beyond open incidents outside of an area and near its border, as the public sees them
SELECT public.*, ST_X(public.geom) AS lon, ST_Y(public.geom) AS lat,
       incident_state(public.status, public.due_at, public.resolved_at, :now) AS state
FROM area
JOIN public_incident AS public
  ON public.geom_3857 && ST_Transform(ST_Expand(area.geom, :degrees), 3857)
WHERE area.id = :id
  AND public.status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
  AND public.precision NOT IN ('ward', 'district')
  AND public.now_ward_id IS DISTINCT FROM area.id AND public.now_district_id IS DISTINCT FROM area.id
  AND ST_DWithin(area.geom, public.geom, :degrees) AND NOT ST_Intersects(area.geom, public.geom)
ORDER BY public.opened_at DESC LIMIT 200;

-- :name by_hour reports of an area by hour of the day, today (week 0) and on the same weekday of the weeks before
SELECT weeks.week, extract(hour FROM report.reported_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::integer AS hour, count(*) AS n,
       count(*) FILTER (WHERE report.reported_at <= :now - make_interval(weeks => weeks.week)) AS so_far
FROM generate_series(0, cast(:weeks AS integer)) AS weeks (week)
JOIN public_report AS report
  ON report.reported_at >= :midnight - make_interval(weeks => weeks.week)
  AND report.reported_at < :midnight - make_interval(weeks => weeks.week) + interval '1 day'
WHERE report.status <> 'withdrawn'
  AND (cast(:ward_id AS integer) IS NULL OR report.now_ward_id = :ward_id)
  AND (cast(:district_id AS integer) IS NULL OR report.now_district_id = :district_id)
  AND (cast(:area_id AS integer) IS NULL
       OR ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), report.geom))
GROUP BY weeks.week, hour;

-- :name first_report since when there are reports at all
SELECT min(reported_at) FROM public_report;

-- :name diary what happened today to the incidents of an area, the newest first
SELECT event.at, event.kind, event.data, public.code, public.kind AS symbol, public.category, public.place,
       public.now_ward_id
FROM incident
JOIN public_incident AS public ON public.id = incident.id
JOIN event ON event.incident_id = incident.id AND event.at >= :midnight
WHERE public.updated_at >= :midnight
  AND event.kind IN ('report.received', 'report.joined', 'incident.status_changed', 'incident.assigned',
                     'incident.category_changed', 'incident.objected')
  AND (cast(:ward_id AS integer) IS NULL OR public.now_ward_id = :ward_id)
  AND (cast(:district_id AS integer) IS NULL OR public.now_district_id = :district_id)
  AND (cast(:area_id AS integer) IS NULL
       OR ST_Intersects((SELECT area.geom FROM area WHERE area.id = :area_id), public.geom))
ORDER BY event.id DESC LIMIT :limit;

-- :name one an incident by the code of any of its reports
SELECT public.*, ST_X(incident.geom) AS lon, ST_Y(incident.geom) AS lat, incident.accept_due_at, incident.resolve_due_at,
       incident_state(public.status, public.due_at, public.resolved_at, :now) AS state
FROM report
JOIN incident ON incident.id = report.incident_id
JOIN public_incident AS public ON public.id = incident.id
WHERE report.code = :code;

-- :name told what people said of an incident, the first report first
SELECT code, channel, reported_at, description, moderation, address, precision, accuracy_m
FROM report WHERE incident_id = :incident_id ORDER BY reported_at, id LIMIT 100;

-- :name photos released ones of an incident
SELECT photo.sha256, photo.width, photo.height FROM photo JOIN report ON report.id = photo.report_id
WHERE report.incident_id = :incident_id AND photo.moderation = 'released' ORDER BY photo.added_at LIMIT 20;

-- :name objections of an incident, the newest first
SELECT at, reason, note, settled_at FROM objection WHERE incident_id = :incident_id ORDER BY id DESC LIMIT 20;

-- :name buildings_near other construction cases within :metres of an incident, and those of its ward with an address
-- that may be the same; the addresses are compared by their search keys. By the exact places, as far as they may be seen
SELECT public.code, public.status, public.category, public.opened_at, public.resolved_at, public.due_at, report.address,
       ST_Distance(incident.geom::geography, exact.geom::geography) AS metres,
       incident_state(public.status, public.due_at, NULL, :now) AS state
FROM public_incident AS mine
JOIN incident AS exact ON exact.id = mine.id
JOIN public_incident AS public ON public.hero = 'construction' AND public.id <> mine.id
  -- the public's points of such cases are up to 140 m off (0007_coarse_places.sql); officers see where they are
  AND (public.geom_3857 && ST_Transform(ST_Expand(mine.geom, (:metres + 300) / 100000.0), 3857)
       OR public.now_ward_id = mine.now_ward_id)
JOIN incident ON incident.id = public.id
JOIN report ON report.code = public.code
WHERE mine.id = :incident_id AND public.status <> 'withdrawn'
  AND (report.address IS NOT NULL OR incident.geom && ST_Expand(exact.geom, :metres / 100000.0))
ORDER BY metres NULLS LAST, public.opened_at DESC LIMIT 2000;
