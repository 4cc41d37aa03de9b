-- :name open incidents of each category
SELECT category, count(*) AS open FROM incident
WHERE status NOT IN ('resolved', 'closed', 'rejected', 'withdrawn', 'merged') AND category IS NOT NULL
GROUP BY category;
