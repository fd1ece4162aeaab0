-- title: Segments that the segmenter was unsure of
-- unit: segments
-- denominator: all segments
-- over: segments
-- may: where another reading of the page came close: a confidence under 0.7
-- may-not: a share of errors: confidence is no probability
-- source: table segments, field confidence
SELECT role, count(*) FILTER (confidence < 0.7) AS unsure, count(*) AS segments, percent(count(*) FILTER (confidence < 0.7), count(*)) AS percent
FROM segments GROUP BY role ORDER BY role
