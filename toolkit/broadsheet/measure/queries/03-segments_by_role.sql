-- title: What the pages consist of
-- unit: segments, code points
-- note: As the segmenter saw it; its confidence is in the table `segments`.
SELECT role, count(*) AS segments, sum("end" - start)::BIGINT AS code_points
FROM segments GROUP BY role ORDER BY role
