-- title: Pages
-- unit: pages, captures, code points
-- note: A page is one raw content; it may have been captured several times.
SELECT count(*) AS pages,
       coalesce(sum(len(captures)), 0)::BIGINT AS captures,
       coalesce(sum(n_chars), 0)::BIGINT AS code_points
FROM pages
