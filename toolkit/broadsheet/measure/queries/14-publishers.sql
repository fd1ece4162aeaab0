-- title: Pages by the publisher that they name
-- unit: pages
-- denominator: all pages
-- over: pages
-- missing: len(list_filter(claims, lambda claim: claim.name = 'site')) = 0
-- needs: what pages claim
-- may: what pages say of themselves in their markup
-- may-not: who owns them
-- source: table pages, claims of the name `site`
SELECT site, count(*) AS pages
FROM (SELECT list_filter(claims, lambda claim: claim.name = 'site')[1].value AS site FROM pages)
WHERE site IS NOT NULL GROUP BY site ORDER BY pages DESC, site LIMIT 50
