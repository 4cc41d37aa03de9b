-- :name lock whether this transaction may seal; and before which transaction id everything has ended
SELECT pg_try_advisory_xact_lock(1022001) AS mine, pg_snapshot_xmin(pg_current_snapshot())::text AS horizon

-- :name unsealed_all every visible event without a seal (one pass over both tables: at the start of a process only)
SELECT event.id FROM event
WHERE NOT EXISTS (SELECT FROM seal WHERE seal.event_id = event.id)
ORDER BY event.id

-- :name unsealed_since the same, of events written by transactions that had not ended when `horizon` was taken
SELECT event.id FROM event
WHERE event.xid >= CAST(:horizon AS xid8)
  AND NOT EXISTS (SELECT FROM seal WHERE seal.event_id = event.id)
ORDER BY event.id

-- :name events_to_seal the canonical columns of these events, save those that were sealed meanwhile
SELECT event.id, to_char(event.at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, event.kind,
       event.incident_id, event.report_id, event.actor, event.data::text AS data
FROM event
WHERE event.id = ANY(CAST(:ids AS bigint[]))
  AND NOT EXISTS (SELECT FROM seal WHERE seal.event_id = event.id)
ORDER BY event.id

-- :name last_seal the record's end
SELECT seq, hash FROM seal ORDER BY seq DESC LIMIT 1

-- :name seal_at one seal
SELECT seq, hash FROM seal WHERE seq = :seq

-- :name insert_seals a batch
INSERT INTO seal (seq, event_id, hash)
SELECT * FROM unnest(CAST(:seqs AS bigint[]), CAST(:ids AS bigint[]), CAST(:hashes AS bytea[]))

-- :name notify one notice a batch, with its last number; heard when the transaction commits
SELECT pg_notify('record', CAST(:seq AS text))
