-- :name incidents what was asked for, with its times, place and who has it; a filter is left out by giving it null
-- Codes and streets only where they are asked for. What has no kind yet is due to be forwarded, not to be closed.
SELECT CASE WHEN :named THEN code ELSE '' END AS code,
       extract(epoch FROM opened_at)::float8 AS opened, extract(epoch FROM resolved_at)::float8 AS resolved,
       CASE WHEN category IS NOT NULL THEN extract(epoch FROM due_at)::float8 END AS due,
       status IN ('resolved', 'closed') AS done, ST_X(geom) AS lon, ST_Y(geom) AS lat,
       coalesce(accuracy_m, 0)::float8 AS accuracy, coalesce(precision, '') AS precision, unit_id, category,
       CASE WHEN :named THEN place ELSE '' END AS place,
       reports, coalesce(group_code, '') = 'construction' AS coarsened,
       ward_id, district_id, now_ward_id, now_district_id
FROM public_incident
WHERE status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND opened_at >= :since AND opened_at < :until

-- :name void how many of the asked-for incidents were rejected, withdrawn or merged
SELECT count(*) FROM public_incident
WHERE status IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND opened_at >= :since AND opened_at < :until

-- :name demo how many of the asked-for incidents are demo data
SELECT count(*) FROM public_incident
WHERE demo AND status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND opened_at >= :since AND opened_at < :until

-- :name counts how many there were in the whole city before and after a moment
SELECT count(*) FILTER (WHERE opened_at < :parted) AS before, count(*) FILTER (WHERE opened_at >= :parted) AS after
FROM public_incident
WHERE status NOT IN ('rejected', 'withdrawn', 'merged')
  AND (cast(:fields AS text[]) IS NULL OR field = ANY(:fields))
  AND (cast(:categories AS text[]) IS NULL OR category = ANY(:categories))
  AND opened_at >= :since AND opened_at < :until

-- :name shares which share of an area lies in which of another day, for counts carried over a change of boundaries
SELECT from_id, to_id, share FROM area_link WHERE to_id = ANY(:to) ORDER BY from_id, to_id
