-- :name saved an analysis with a name, and what it asks
SELECT saved.id, saved.name, saved.saved_by, saved.analysis_id, analysis.parameters
FROM saved_analysis AS saved JOIN analysis ON analysis.id = saved.analysis_id
WHERE saved.id = :saved AND analysis.kind = 'hotspots'

-- :name able
SELECT saved.id FROM saved_analysis AS saved JOIN analysis ON analysis.id = saved.analysis_id
WHERE analysis.kind = 'hotspots'

-- :name start once more begins with what the name means by then
INSERT INTO analysis_schedule AS there (saved_id, parameters, started_by, started_at)
VALUES (:saved, :parameters, :account, :now)
ON CONFLICT (saved_id) DO UPDATE SET parameters = excluded.parameters, started_by = excluded.started_by,
  started_at = excluded.started_at, stopped_at = NULL
WHERE there.stopped_at IS NOT NULL

-- :name stop
UPDATE analysis_schedule SET stopped_at = coalesce(stopped_at, :now) WHERE saved_id = :saved RETURNING id

-- :name all
SELECT schedule.id, saved_id, saved.name, saved.saved_by, schedule.parameters, started_at, stopped_at,
       (SELECT max(due_on) FROM analysis_run WHERE schedule_id = schedule.id) AS last_on
FROM analysis_schedule AS schedule JOIN saved_analysis AS saved ON saved.id = schedule.saved_id
ORDER BY saved.name, schedule.id

-- :name runs
SELECT run.id, run.due_on, run.analysis_id, analysis.parameters, analysis.state, analysis.reason, analysis.done_at,
       run.settled_at, run.previous_id, run.hot, run.fresh, run.gone
FROM analysis_run AS run JOIN analysis ON analysis.id = run.analysis_id
WHERE run.schedule_id = :schedule ORDER BY run.due_on DESC

-- :name one_at_a_time two who look for what is due do so one after the other
SELECT pg_advisory_xact_lock(1022004)

-- :name owed schedules whose run of a day is due and is not there
SELECT id, parameters FROM analysis_schedule AS schedule
WHERE stopped_at IS NULL AND started_at < :due_at
  AND NOT EXISTS (SELECT FROM analysis_run WHERE schedule_id = schedule.id AND due_on >= :due)
ORDER BY id

-- :name run a job of its own and the month's row in one: cancelling somebody's same question does not cancel the run
WITH job AS (
  INSERT INTO analysis (hash, parameters) VALUES (:hash, :parameters) RETURNING id
)
INSERT INTO analysis_run (schedule_id, due_on, question, analysis_id)
SELECT :schedule, :due, :question, job.id FROM job RETURNING analysis_id

-- :name unsettled
SELECT run.analysis_id FROM analysis_run AS run JOIN analysis ON analysis.id = run.analysis_id
WHERE run.settled_at IS NULL AND analysis.state IN ('waiting', 'running', 'done') ORDER BY run.id

-- :name is_run
SELECT 1 FROM analysis_run WHERE analysis_id = :job
