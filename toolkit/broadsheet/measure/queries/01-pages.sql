-- title: Pages
-- unit: pages, captures, code points
-- denominator: all pages
-- over: pages
-- may: how much was read
-- may-not: that the sites are complete
-- source: table pages
SELECT count(*) AS pages,
       coalesce(sum(len(captures)), 0)::BIGINT AS captures,
       coalesce(sum(n_chars), 0)::BIGINT AS code_points
FROM pages
