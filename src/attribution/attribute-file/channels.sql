-- Channels by number; credited = a touch of it counts.
SELECT name, code IN (SELECT channel FROM cell) AS credited
FROM channel
ORDER BY code
