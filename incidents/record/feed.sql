-- :name last_seq the record's end, 0 while it is empty
SELECT coalesce(max(seq), 0) AS seq FROM seal

-- :name sealed_after the next events of the record, in its order; of those that are not the reader's to see the number
SELECT seal.seq, event.kind, event.incident_id, event.report_id, event.data
FROM seal LEFT JOIN event ON event.id = seal.event_id
WHERE seal.seq > :after
ORDER BY seal.seq
LIMIT :limit

-- :name first_reports of each incident the report that stands for it in public: the one whose code it bears
SELECT DISTINCT ON (incident_id) incident_id, id
FROM public_report
WHERE incident_id = ANY(CAST(:incident_ids AS bigint[]))
ORDER BY incident_id, (code = incident_code) DESC, id

-- :name standings what decides who is told of a report: its code, field and the areas in force today
SELECT id, code, field, now_ward_id AS ward_id, now_district_id AS district_id,
       ST_X(geom) AS lon, ST_Y(geom) AS lat
FROM public_report
WHERE id = ANY(CAST(:report_ids AS bigint[]))
