-- :name released_photo a photo that the public may see, of a report that it may see
SELECT photo.sha256 FROM photo JOIN public_report ON public_report.id = photo.report_id
WHERE photo.sha256 = :sha256 AND photo.moderation = 'released' AND public_report.status <> 'withdrawn' LIMIT 1;
