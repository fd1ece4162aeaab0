-- title: Segments that the segmenter was unsure of
-- unit: segments
-- note: Confidence below one half.
SELECT role, count(*) FILTER (WHERE confidence < 0.5) AS unsure, count(*) AS segments
FROM segments GROUP BY role ORDER BY role
