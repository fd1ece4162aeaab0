-- title: How pages were cut
-- unit: code points
-- denominator: the 12 pages whose ids are the smallest, which is a sample that depends on nothing else
-- over: pages
-- may: how these pages were cut
-- may-not: how the others were
-- source: table segments
SELECT left(page_id, 8) AS page, "start", "end", "end" - "start" AS code_points, role
FROM segments WHERE page_id IN (SELECT page_id FROM pages WHERE n_chars > 0 ORDER BY page_id LIMIT 12)
ORDER BY page_id, "start" LIMIT 600
