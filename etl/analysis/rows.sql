-- :name ask a job that waits; the same one that waits or runs already is given instead of a second
WITH there AS (
  SELECT id FROM analysis WHERE hash = :hash AND state IN ('waiting', 'running') ORDER BY id LIMIT 1
), made AS (
  INSERT INTO analysis (hash, parameters, asked_by, kind)
  SELECT :hash, :parameters, :account, :kind WHERE NOT EXISTS (SELECT FROM there)
  RETURNING id
)
SELECT id FROM there UNION ALL SELECT id FROM made

-- :name waiting how many jobs of an account are not done yet
SELECT count(*) FROM analysis WHERE asked_by = :account AND state IN ('waiting', 'running')

-- :name find one job; `ahead`: how many stand before it
SELECT id, hash, parameters, state, step, progress, attempts, reason, asked_by, kind, asked_at, started_at, done_at,
       as_of, summary,
       (SELECT count(*) FROM analysis AS other
        WHERE other.state IN ('waiting', 'running') AND other.id < analysis.id) AS ahead
FROM analysis WHERE id = :id

-- :name latest the newest stored answer to a question
SELECT id FROM analysis WHERE hash = :hash AND state = 'done' ORDER BY id DESC LIMIT 1

-- :name recent what an account asked lately, newest first
SELECT id, parameters, state, asked_at, done_at, summary->'reading' AS reading
FROM analysis WHERE asked_by = :account ORDER BY id DESC LIMIT :most

-- :name cancel end a job that is not done; the worker ends its process
UPDATE analysis SET state = 'cancelled', done_at = clock_timestamp()
WHERE id = :id AND state IN ('waiting', 'running')

-- :name claim the next job, or one whose worker is gone; none while another runs
UPDATE analysis
SET state = 'running', attempts = attempts + 1, started_at = clock_timestamp(), beat_at = clock_timestamp(),
    step = '', progress = 0
WHERE id = (
  SELECT id FROM analysis
  WHERE (state = 'waiting' OR state = 'running' AND beat_at < clock_timestamp() - make_interval(secs => :stale))
    AND NOT EXISTS (SELECT FROM analysis AS other
                    WHERE other.state = 'running' AND other.beat_at >= clock_timestamp() - make_interval(secs => :stale))
  ORDER BY state, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, attempts

-- :name beat the worker lives; nothing comes back where the job is no longer to be done
UPDATE analysis SET beat_at = clock_timestamp() WHERE id = :id AND state = 'running' RETURNING id

-- :name step how far it is
UPDATE analysis SET step = :step, progress = :progress WHERE id = :id AND state = 'running'

-- :name done
UPDATE analysis
SET state = 'done', step = '', progress = 1, done_at = clock_timestamp(), as_of = :as_of,
    summary = cast(:summary AS jsonb)
WHERE id = :id AND state = 'running'

-- :name keep a part of an answer
INSERT INTO analysis_result (analysis_id, part, content) VALUES (:id, :part, :content)
ON CONFLICT (analysis_id, part) DO UPDATE SET content = excluded.content

-- :name part
SELECT content FROM analysis_result WHERE analysis_id = :id AND part = :part

-- :name again wait for another attempt
UPDATE analysis SET state = 'waiting', step = '', progress = 0 WHERE id = :id AND state = 'running'

-- :name failed
UPDATE analysis SET state = 'failed', reason = :reason, done_at = clock_timestamp() WHERE id = :id AND state = 'running'

-- :name purge what is older than some days, was not kept by name and is no schedule's run
DELETE FROM analysis
WHERE state IN ('done', 'failed', 'cancelled') AND asked_at < app_now() - make_interval(days => :days)
  AND NOT EXISTS (SELECT FROM saved_analysis WHERE saved_analysis.analysis_id = analysis.id)
  AND NOT EXISTS (SELECT FROM analysis_run WHERE analysis_run.analysis_id = analysis.id)

-- :name sealed up to which number the record is sealed
SELECT coalesce(max(seq), 0) FROM seal

-- :name save an answer under a name; the same name again means the newer answer
INSERT INTO saved_analysis (analysis_id, name, saved_by) VALUES (:id, :name, :account)
ON CONFLICT (saved_by, name) DO UPDATE SET analysis_id = excluded.analysis_id, saved_at = app_now()

-- :name saved every name there is, with its answer
SELECT saved.id, saved.name, saved.saved_by, saved.saved_at, analysis.id AS analysis_id, analysis.parameters
FROM saved_analysis AS saved JOIN analysis ON analysis.id = saved.analysis_id
ORDER BY saved.name, saved.id LIMIT 200

-- :name forget a name; one that runs every month is stopped first
DELETE FROM saved_analysis
WHERE id = :id
  AND NOT EXISTS (SELECT FROM analysis_schedule WHERE saved_id = saved_analysis.id AND stopped_at IS NULL)
