-- :name places a sample of the city's streets, to lay marks along
CREATE TEMPORARY TABLE street_place AS
SELECT row_number() OVER () AS nr, ST_X(place.geom) AS x, ST_Y(place.geom) AS y
FROM (
  SELECT (ST_DumpPoints(road.geom_3857)).geom FROM basemap AS road WHERE road.layer = 'roads' ORDER BY road.id
) AS place;

-- :name numbers so that a number finds its place
CREATE INDEX ON street_place (nr);

-- :name incidents invented ones, straight into the public read model: six in ten along the streets, three in ten within some
-- hundred metres of forty hot places, one in ten at twenty addresses; three in a hundred at the middle of their ward. All of them are on the map now.
INSERT INTO public_incident (id, code, category, field, group_code, kind, hero, urgency, status, unit_id, geom, geom_3857,
                             precision, accuracy_m, opened_at, due_at, resolved_at, updated_at, reports, demo)
SELECT made.i, report_code(made.i), made.category, known.field, known.group_code,
       coalesce(hero.name, known.field), coalesce(hero.name, 'other'), known.urgency, made.status,
       (SELECT min(id) FROM unit), ST_Transform(made.geom, 4326), made.geom,
       CASE WHEN made.by_ward THEN 'ward' ELSE 'pin' END, CASE WHEN made.by_ward THEN 900 ELSE 10 END,
       cast(:now AS timestamptz) - made.age,
       CASE WHEN made.late THEN cast(:now AS timestamptz) - made.age / 2
            ELSE cast(:now AS timestamptz) + interval '1 hour' + made.age END,
       CASE WHEN made.status = 'resolved' THEN cast(:now AS timestamptz) - made.age / 6 END,
       cast(:now AS timestamptz), 1 + (made.luck * 1000)::int / 900, true
FROM (
  SELECT drawn.i, drawn.luck, drawn.age, drawn.state < 0.2 AS late, drawn.luck > 0.97 AS by_ward,
         CASE WHEN drawn.state < 0.65 THEN 'assigned' WHEN drawn.state < 0.85 THEN 'in_progress' ELSE 'resolved' END AS status,
         (SELECT array_agg(code ORDER BY position, code) FROM category WHERE NOT retired)[
           1 + floor(power(drawn.kind, 1.5) * (SELECT count(*) FROM category WHERE NOT retired))::int] AS category,
         CASE WHEN drawn.luck > 0.97 THEN (SELECT array_agg(ST_Transform(label_point, 3857) ORDER BY code) FROM area
                                           WHERE level = 'ward' AND in_force AND upper_inf(valid))[1 + drawn.i % 168]
              ELSE ST_SetSRID(ST_MakePoint(place.x + drawn.east * drawn.reach, place.y + drawn.north * drawn.reach), 3857)
         END AS geom
  FROM (
    SELECT i, random() AS luck, random() AS state, random() AS kind, random() * interval '30 days' AS age,
           random() * 2 - 1 AS east, random() * 2 - 1 AS north,
           CASE WHEN i % 10 < 6 THEN 15 WHEN i % 10 < 9 THEN 400 ELSE 20 END AS reach,
           1 + floor(CASE WHEN i % 10 < 6 THEN random() * (SELECT count(*) FROM street_place)
                          WHEN i % 10 < 9 THEN (i / 10 % 40) * 4099 % (SELECT count(*) FROM street_place)
                          ELSE (i / 10 % 20) * 7919 % (SELECT count(*) FROM street_place) END)::bigint AS nr
    FROM generate_series(cast(:first AS bigint), cast(:last AS bigint)) AS i
    OFFSET 0
  ) AS drawn JOIN street_place AS place USING (nr)
) AS made
JOIN category AS known ON known.code = made.category
LEFT JOIN (VALUES ('fallen_trees', 'tree'), ('road_subsidence', 'subsidence'), ('construction', 'construction'))
  AS hero (group_code, name) ON hero.group_code = known.group_code;

-- :name reports one for each incident
INSERT INTO public_report (id, code, incident_id, incident_code, channel, category, field, group_code, status, unit_id, geom,
                           geom_3857, precision, accuracy_m, reported_at, due_at, updated_at, demo)
SELECT id, code, id, code, 'web', category, field, group_code, status, unit_id, geom, geom_3857, precision, accuracy_m,
       opened_at, due_at, updated_at, demo
FROM public_incident WHERE id BETWEEN :first AND :last;

-- :name indexes that can be made again, and are quicker made than kept
SELECT c.relname AS name, pg_get_indexdef(c.oid) AS made_by
FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indexrelid
WHERE i.indrelid = ANY(ARRAY['public_incident'::regclass, 'public_report'::regclass]) AND NOT i.indisunique
ORDER BY c.relname;
