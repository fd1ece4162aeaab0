-- title: Segments that the segmenter was unsure of
-- unit: segments
-- note: Confidence below 0.7: another reading of the page came close. It is no probability.
SELECT role, count(*) FILTER (WHERE confidence < 0.7) AS unsure, count(*) AS segments
FROM segments GROUP BY role ORDER BY role
