-- :name bare indexes and constraints that an export does not read by, so that rows go in quickly
SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) AS done
FROM pg_constraint WHERE conrelid = ANY(ARRAY['report'::regclass, 'incident'::regclass, 'public_report'::regclass]) AND contype = 'u'
UNION ALL
SELECT format('DROP INDEX IF EXISTS %s', i.indexrelid::regclass)
FROM pg_index AS i
WHERE i.indrelid = ANY(ARRAY['report'::regclass, 'incident'::regclass, 'public_report'::regclass]) AND NOT i.indisunique

-- :name incidents invented ones at places drawn over the inner city
INSERT INTO incident (id, code, category, field, status, unit_id, geom, opened_at, closed_at, updated_at, demo)
SELECT i, 'X' || i, known.code, known.field,
       CASE WHEN i % 3 = 0 THEN 'assigned' ELSE 'closed' END, (SELECT min(id) FROM unit),
       ST_SetSRID(ST_MakePoint(106.6 + 0.12 * random(), 10.74 + 0.12 * random()), 4326),
       timestamptz '2016-01-01T00:00:00Z' + i * interval '1 minute',
       CASE WHEN i % 3 > 0 THEN timestamptz '2016-01-01T00:00:00Z' + i * interval '1 minute' + interval '2 days' END,
       timestamptz '2026-01-01T00:00:00Z', true
FROM generate_series(cast(:first AS bigint), cast(:last AS bigint)) AS i
JOIN LATERAL (SELECT kinds.code, kinds.field FROM unnest(cast(:codes AS text[])) WITH ORDINALITY AS c (code, nr)
              JOIN category AS kinds USING (code) WHERE c.nr = 1 + i % cardinality(cast(:codes AS text[]))) AS known ON true

-- :name reports one for each incident, with words as long as people's are
INSERT INTO report (id, code, incident_id, external_id, channel, category, description, address, moderation, geom,
                    precision, accuracy_m, ward_id, district_id, zone_ids, reported_at, received_at, demo)
SELECT id, code, id, 'bench-' || id, (ARRAY['phone', 'web', 'app', 'sms'])[1 + id % 4], category,
       'Phản ánh số ' || id || ': cây đổ, đường ngập, đèn tắt — xin đơn vị xử lý sớm', (id % 400) || ' Lê Lợi, Quận 1', 'released',
       geom, 'pin', 10, cast(:ward AS integer), cast(:district AS integer), cast(:zones AS integer[]), opened_at, opened_at, true
FROM incident WHERE id BETWEEN :first AND :last

-- :name shown as the public sees them
INSERT INTO public_report (id, code, incident_id, incident_code, channel, category, field, status, unit_id, geom, precision,
                           accuracy_m, place, description, reported_at, updated_at, demo)
SELECT report.id, report.code, incident.id, incident.code, report.channel, incident.category, incident.field, incident.status,
       incident.unit_id, report.geom, 'pin', 10, 'Lê Lợi', report.description, report.reported_at, incident.updated_at, true
FROM report JOIN incident ON incident.id = report.incident_id WHERE report.id BETWEEN :first AND :last

-- :name references what the rows above refer to
SELECT (SELECT min(id) FROM area WHERE level = 'ward' AND in_force) AS ward,
       (SELECT min(id) FROM area WHERE level = 'district') AS district,
       (SELECT array_agg(id) FROM (SELECT DISTINCT ON (field) id FROM area WHERE level = 'zone' ORDER BY field, id) AS z) AS zones,
       (SELECT array_agg(code ORDER BY code) FROM category WHERE NOT retired) AS codes
