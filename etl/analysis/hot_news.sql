-- :name next the oldest run whose answer is there and was not looked at; held. Not before an older one of its schedule
SELECT run.id, run.analysis_id FROM analysis_run AS run JOIN analysis ON analysis.id = run.analysis_id
WHERE run.settled_at IS NULL AND analysis.state = 'done'
  AND NOT EXISTS (
    SELECT FROM analysis_run AS older JOIN analysis AS its ON its.id = older.analysis_id
    WHERE older.schedule_id = run.schedule_id AND older.due_on < run.due_on AND older.settled_at IS NULL
      AND its.state IN ('waiting', 'running', 'done'))
ORDER BY run.due_on, run.id LIMIT 1 FOR UPDATE OF run SKIP LOCKED

-- :name previous the run to compare with
SELECT before.id FROM analysis_run AS run
JOIN analysis_run AS before ON before.schedule_id = run.schedule_id AND before.due_on < run.due_on
  AND before.question = run.question AND before.settled_at IS NOT NULL
WHERE run.id = :run ORDER BY before.due_on DESC LIMIT 1

-- :name places of a run, as its answer has them
INSERT INTO hot_place (run_id, letter, name, ward, n, cells, z, peak, outline)
SELECT :run, letter, name, ward, n, cells, z, ST_SetSRID(ST_MakePoint(lon, lat), 4326),
       ST_Multi(ST_SetSRID(ST_GeomFromGeoJSON(outline), 4326))
FROM jsonb_to_recordset(CAST(:places AS jsonb)) AS given
  (letter text, name text, ward text, n integer, cells integer, z double precision, lon double precision,
   lat double precision, outline jsonb)

-- :name became new, or stayed and as which; the box around keeps most pairs from being measured
UPDATE hot_place AS here
SET first_id = coalesce(found.first_id, here.id),
    change = CASE WHEN CAST(:previous AS bigint) IS NULL THEN 'first' WHEN found.id IS NULL THEN 'new' ELSE 'stayed' END
FROM hot_place AS this LEFT JOIN LATERAL (
  SELECT before.id, before.first_id FROM hot_place AS before
  WHERE before.run_id = :previous AND before.outline && ST_Expand(this.outline, 0.0001)
    AND ST_DWithin(ST_Transform(before.outline, 9210), ST_Transform(this.outline, 9210), :touches)
  ORDER BY ST_Area(ST_Intersection(ST_Transform(before.outline, 9210), ST_Transform(this.outline, 9210))) DESC, before.id
  LIMIT 1) AS found ON true
WHERE this.id = here.id AND here.run_id = :run

-- :name settled
UPDATE analysis_run AS run
SET settled_at = app_now(), previous_id = :previous,
    hot = (SELECT count(*) FROM hot_place WHERE run_id = run.id),
    fresh = (SELECT count(*) FROM hot_place WHERE run_id = run.id AND change = 'new'),
    gone = (SELECT count(*) FROM hot_place AS before WHERE before.run_id = :previous AND NOT EXISTS (
      SELECT FROM hot_place AS here WHERE here.run_id = run.id AND here.outline && ST_Expand(before.outline, 0.0001)
        AND ST_DWithin(ST_Transform(before.outline, 9210), ST_Transform(here.outline, 9210), :touches)))
WHERE run.id = :run

-- :name tell each subscriber once, of a run that found something new
INSERT INTO hot_notice (run_id, account_id)
SELECT run.id, wanted.account_id FROM analysis_run AS run
JOIN analysis_subscription AS wanted ON wanted.schedule_id = run.schedule_id
WHERE run.id = :run AND run.fresh > 0
ON CONFLICT (run_id, account_id) DO NOTHING

-- :name to_send the oldest notice that no channel has; held
SELECT notice.id, notice.account_id, notice.run_id, saved.name, run.fresh
FROM hot_notice AS notice JOIN analysis_run AS run ON run.id = notice.run_id
JOIN analysis_schedule AS schedule ON schedule.id = run.schedule_id
JOIN saved_analysis AS saved ON saved.id = schedule.saved_id
WHERE notice.handed_at IS NULL ORDER BY notice.id LIMIT 1 FOR UPDATE OF notice SKIP LOCKED

-- :name handed
UPDATE hot_notice SET handed_at = app_now() WHERE id = :id

-- :name subscribe
INSERT INTO analysis_subscription (schedule_id, account_id) VALUES (:schedule, :account) ON CONFLICT DO NOTHING

-- :name unsubscribe
DELETE FROM analysis_subscription WHERE schedule_id = :schedule AND account_id = :account

-- :name subscribed
SELECT schedule_id FROM analysis_subscription WHERE account_id = :account

-- :name unread
SELECT count(*) FROM hot_notice WHERE account_id = :account AND read_at IS NULL

-- :name notices
SELECT notice.id, notice.run_id, notice.made_at, notice.read_at, run.due_on, saved.name, saved.id AS saved_id,
       run.analysis_id, analysis.parameters, run.fresh
FROM hot_notice AS notice JOIN analysis_run AS run ON run.id = notice.run_id
JOIN analysis ON analysis.id = run.analysis_id
JOIN analysis_schedule AS schedule ON schedule.id = run.schedule_id
JOIN saved_analysis AS saved ON saved.id = schedule.saved_id
WHERE notice.account_id = :account
ORDER BY notice.read_at IS NOT NULL, notice.made_at DESC, notice.id DESC LIMIT 100

-- :name read
UPDATE hot_notice SET read_at = coalesce(read_at, :now) WHERE id = :id AND account_id = :account RETURNING id

-- :name places_of
SELECT place.run_id, place.first_id, place.change, place.letter, place.name, place.ward, place.n, place.cells,
       ST_X(place.peak) AS lon, ST_Y(place.peak) AS lat,
       (SELECT run.due_on FROM hot_place AS began JOIN analysis_run AS run ON run.id = began.run_id
        WHERE began.id = place.first_id) AS since
FROM hot_place AS place WHERE place.run_id = ANY(:runs) ORDER BY place.run_id, place.n DESC, place.id

-- :name gone_of
SELECT before.run_id, before.first_id, before.change, before.letter, before.name, before.ward, before.n, before.cells,
       ST_X(before.peak) AS lon, ST_Y(before.peak) AS lat,
       (SELECT began_in.due_on FROM hot_place AS began JOIN analysis_run AS began_in ON began_in.id = began.run_id
        WHERE began.id = before.first_id) AS since
FROM analysis_run AS run JOIN hot_place AS before ON before.run_id = run.previous_id
WHERE run.id = :run AND NOT EXISTS (
  SELECT FROM hot_place AS here WHERE here.run_id = run.id AND here.outline && ST_Expand(before.outline, 0.0001)
    AND ST_DWithin(ST_Transform(before.outline, 9210), ST_Transform(here.outline, 9210), :touches))
ORDER BY before.n DESC, before.id
