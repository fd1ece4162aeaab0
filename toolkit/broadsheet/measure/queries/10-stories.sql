-- title: Stories
-- unit: stories, canonical records
-- note: Records tied by a likeness, a reply or a thread; a split never divides a story.
SELECT count(*) AS stories, coalesce(max(n), 0) AS largest
FROM (SELECT story, count(*) AS n
      FROM (SELECT story FROM articles
            UNION ALL SELECT story FROM comments
            UNION ALL SELECT story FROM teasers)
      GROUP BY story)
