-- :name lately reports of the last hours by bins of five minutes (0 is the oldest), ward, district and category
SELECT floor(extract(epoch FROM report.reported_at - :since) / 300)::integer AS bin, report.now_ward_id AS ward_id,
       report.now_district_id AS district_id, coalesce(report.category, '') AS category, count(*) AS n
FROM public_report AS report
WHERE report.reported_at >= :since AND report.reported_at < :until AND report.status <> 'withdrawn'
GROUP BY bin, report.now_ward_id, report.now_district_id, coalesce(report.category, '');

-- :name usually reports of the same hour of the same weekday in the weeks before
SELECT weeks.week, report.now_ward_id AS ward_id, report.now_district_id AS district_id,
       coalesce(report.category, '') AS category, count(*) AS n
FROM generate_series(1, cast(:weeks AS integer)) AS weeks (week)
JOIN public_report AS report
  ON report.reported_at >= :since - make_interval(weeks => weeks.week)
  AND report.reported_at < :until - make_interval(weeks => weeks.week)
WHERE report.status <> 'withdrawn'
GROUP BY weeks.week, report.now_ward_id, report.now_district_id, coalesce(report.category, '');

-- :name points where and when reports came in, the newest of a span
SELECT floor(extract(epoch FROM report.reported_at - :since) / 60)::integer AS minute, ST_X(report.geom) AS lon,
       ST_Y(report.geom) AS lat, incident.hero, incident.kind
FROM public_report AS report JOIN public_incident AS incident ON incident.id = report.incident_id
WHERE report.reported_at >= :since AND report.reported_at < :until AND report.status <> 'withdrawn'
  AND report.geom IS NOT NULL
ORDER BY report.reported_at DESC LIMIT :limit;

-- :name open_by_place open and late incidents by the areas of today
SELECT now_ward_id AS ward_id, now_district_id AS district_id, count(*) AS open,
       count(*) FILTER (WHERE due_at < :now) AS late
FROM public_incident
WHERE status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged')
GROUP BY now_ward_id, now_district_id;
