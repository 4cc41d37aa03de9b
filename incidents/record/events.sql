-- :name insert_events the given events in the given order; ids rise with it
INSERT INTO event (kind, incident_id, report_id, actor, data, at)
SELECT given.kind, given.incident_id, given.report_id, given.actor, given.data, coalesce(given.at, app_now())
FROM unnest(
  CAST(:kinds AS text[]), CAST(:incident_ids AS bigint[]), CAST(:report_ids AS bigint[]),
  CAST(:actors AS text[]), CAST(:data AS jsonb[]), CAST(:ats AS timestamptz[])
) WITH ORDINALITY AS given (kind, incident_id, report_id, actor, data, at, place)
ORDER BY given.place
