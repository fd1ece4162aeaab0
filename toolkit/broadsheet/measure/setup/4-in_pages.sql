-- What the runs of records say of years, in lines that are no title and no body, and of another publisher: of at most
-- 100,000 pages, those of the smallest ids, which are hashes.
SET VARIABLE last_page = (SELECT max(page_id) FROM (SELECT page_id FROM pages ORDER BY page_id LIMIT 100_000));

CREATE TEMP TABLE in_pages AS
SELECT page_id, run.start AS "start", run.role AS role,
       list_max(flatten(list_transform(run.lines, lambda line:
         list_transform(regexp_extract_all(substr(text, line.start + 1, line."end" - line.start),
                                           '\b(?:19|20)[0-9]{2}\b'), lambda year: year::INTEGER)))) AS last_year,
       regexp_extract(substr(text, run.start + 1, run."end" - run.start),
                      '(?m)^[ \t]*(?i:via:?|source:|originally (?:published|appeared) (?:on|in|at|by):?)[ \t]+([^\n]{2,60})$',
                      1) AS upstream
FROM (SELECT page_id, text, unnest(runs) AS run
      FROM pages JOIN (SELECT page_id, list({'start': "start", 'end': "end", 'role': role,
                              'lines': list_filter(parts, lambda part: part.part IN ('byline', 'meta'))}
                              ORDER BY "start") AS runs
                       FROM segments WHERE record_id IS NOT NULL AND page_id <= getvariable('last_page')
                       GROUP BY page_id) USING (page_id)
      WHERE text IS NOT NULL AND page_id <= getvariable('last_page'));

CREATE TEMP TABLE years AS
SELECT page_id, "start", role, last_year FROM in_pages
WHERE role IN ('main', 'sidebar') AND last_year IS NOT NULL;

CREATE TEMP TABLE upstreams AS
SELECT page_id, "start", regexp_replace(upstream, '[\s.…]+$', '') AS upstream FROM in_pages WHERE upstream <> '';
