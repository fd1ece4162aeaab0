-- title: How much each story was inflated before folding
-- unit: records, appearances, pages, sources
-- denominator: records of stories that appeared more often than they have records
-- over: records
-- missing: story IS NULL
-- may: how often the texts of these stories stood on pages, and how many they are
-- may-not: that the texts of a story have one topic: likeness, replies and threads tie them; nor that repeats are errors
-- source: field story, table segments; the 20 with the most appearances beyond their records
WITH most AS (
  SELECT story, count(*) AS n_records, sum(n)::BIGINT AS n_shown
  FROM records JOIN appeared USING (id) WHERE story IS NOT NULL
  GROUP BY story HAVING sum(n) > count(*) ORDER BY sum(n) - count(*) DESC, story LIMIT 20)
SELECT story, n_records AS records, n_shown AS appearances, percent(n_shown, n_records) AS percent,
       count(DISTINCT shown.page_id) AS pages, count(DISTINCT shown.source) AS sources
FROM most JOIN records USING (story) JOIN appearances AS shown ON shown.canonical_id = records.id
GROUP BY story, n_records, n_shown ORDER BY n_shown - n_records DESC, story
