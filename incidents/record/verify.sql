-- :name record every seal with its event, in the record's order; an event that is missing leaves its columns empty
SELECT seal.seq, seal.hash, seal.event_id, event.id,
       to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, event.kind,
       event.incident_id, event.report_id, event.actor, event.data::text AS data
FROM seal LEFT JOIN event ON event.id = seal.event_id
ORDER BY seal.seq

-- :name some_of_the_record the same, of these numbers only
SELECT seal.seq, seal.hash, seal.event_id, event.id,
       to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, event.kind,
       event.incident_id, event.report_id, event.actor, event.data::text AS data
FROM seal LEFT JOIN event ON event.id = seal.event_id
WHERE seal.seq = ANY(CAST(:seqs AS bigint[]))
ORDER BY seal.seq

-- :name unsealed how many events still wait for their seal
SELECT count(*) FROM event WHERE NOT EXISTS (SELECT FROM seal WHERE seal.event_id = event.id)
