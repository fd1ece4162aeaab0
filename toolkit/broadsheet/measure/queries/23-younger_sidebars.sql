-- title: Sidebars beside an older main article
-- unit: pairs of main article and sidebar on one page; years
-- denominator: pairs on one page that both show a year in byline or the lines around the body
-- over: (FROM segments WHERE role = 'sidebar' AND record_id IS NOT NULL) AS sidebars
-- missing: (page_id, "start") NOT IN (SELECT (page_id, "start") FROM years)
-- needs: the texts
-- may: that dating a page's texts by its main article would be wrong
-- may-not: when sidebars were published: a year found is only a year that stands there
-- source: table pages, at most 100,000, lines of byline and other parts that are neither title nor body
SELECT count(*) AS pairs, count(*) FILTER (sidebar > main) AS younger,
       coalesce(max(sidebar - main) FILTER (sidebar > main), 0) AS most_years_younger
FROM (SELECT a.page_id, a.last_year AS main, b.last_year AS sidebar
      FROM years AS a JOIN years AS b ON a.page_id = b.page_id
      WHERE a.role = 'main' AND b.role = 'sidebar')
HAVING count(*) > 0
