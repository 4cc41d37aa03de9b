-- :name held reports with a text or a photo that waits, the oldest first
SELECT report.id, report.code, report.incident_id, report.channel, report.category, report.suggestion, report.description,
       report.address, report.received_at, report.demo, report.moderation = 'held' AND report.description IS NOT NULL AS text_held,
       coalesce((SELECT jsonb_agg(jsonb_build_object('sha256', photo.sha256, 'width', photo.width, 'height', photo.height)
                                  ORDER BY photo.id)
                 FROM photo WHERE photo.report_id = report.id AND photo.moderation = 'held'), '[]') AS photos
FROM report
WHERE ((report.moderation = 'held' AND report.description IS NOT NULL)
       OR report.id IN (SELECT photo.report_id FROM photo WHERE photo.moderation = 'held'))
  AND (cast(:after_at AS timestamptz) IS NULL OR (report.received_at, report.id) > (:after_at, :after_id))
ORDER BY report.received_at, report.id LIMIT :limit;

-- :name count_held how many reports wait
SELECT count(*) FROM report
WHERE (report.moderation = 'held' AND report.description IS NOT NULL)
   OR report.id IN (SELECT photo.report_id FROM photo WHERE photo.moderation = 'held');

-- :name lock the incident of a report, as everybody does who writes about it
SELECT report.id, report.incident_id FROM report JOIN incident ON incident.id = report.incident_id
WHERE report.code = :code FOR UPDATE OF incident;

-- :name judge_text from held to released or refused; nothing where somebody was first
UPDATE report SET moderation = :verdict
WHERE id = :id AND moderation = 'held' AND description IS NOT NULL RETURNING description;

-- :name judge_photo the same for a photo
UPDATE photo SET moderation = :verdict
WHERE report_id = :id AND sha256 = :sha256 AND moderation = 'held' RETURNING sha256, width, height, role;

-- :name publish the text and the photos that are released, to the public row
UPDATE public_report AS public SET
  description = CASE WHEN report.moderation = 'released' THEN report.description END,
  photos = coalesce((SELECT jsonb_agg(jsonb_build_object('sha256', photo.sha256, 'width', photo.width,
                                                         'height', photo.height, 'role', photo.role) ORDER BY photo.id)
                     FROM photo WHERE photo.report_id = report.id AND photo.moderation = 'released'), '[]'),
  updated_at = app_now()
FROM report WHERE report.id = public.id AND public.id = :id;

-- :name held_photo whether whoever asks may see this photo
SELECT 1 FROM photo WHERE sha256 = :sha256 LIMIT 1;
