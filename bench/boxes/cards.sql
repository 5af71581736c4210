-- What each card did, a row each, from `calls`: what the peers of sim_boxes.py judge by.
WITH told AS (FROM calls), air AS (FROM told WHERE trunk_class = 'access'
    AND caller_country = 'KZ'),
  heard AS (FROM told WHERE answered OR service = 'sms'),
  made AS (SELECT caller AS n, count(*) AS made FROM air GROUP BY 1),
  taken AS (SELECT callee AS n, count(*) AS taken, count(DISTINCT caller) AS reached
    FROM heard GROUP BY 1),
  born AS (SELECT n, min(t) AS t FROM (SELECT caller AS n, at_us AS t FROM air
    UNION ALL SELECT callee, at_us FROM heard) GROUP BY 1),
  one_way AS (SELECT n FROM made LEFT JOIN taken USING (n) WHERE coalesce(taken, 0) <= made + 2),
  fans AS (SELECT callee AS n, count(DISTINCT caller) AS fans FROM heard
    WHERE caller NOT IN (FROM one_way) GROUP BY 1),
  alone AS (FROM one_way WHERE n NOT IN (SELECT n FROM fans)),
  lone AS (SELECT air.*, at_us - t < 3 * 86400000000 AS new FROM air JOIN born ON n = caller
    WHERE caller IN (FROM alone)),
  devices AS (SELECT imei, count(DISTINCT caller) AS c FROM lone GROUP BY 1),
  places AS (SELECT cell, at_us // 86400000000 AS d, count(DISTINCT caller) AS c
    FROM lone WHERE new GROUP BY 1, 2),
  device AS (SELECT caller AS n, max(c) AS device_cards FROM lone JOIN devices USING (imei)
    GROUP BY 1),
  place AS (SELECT caller AS n, max(c) AS place_cards FROM lone JOIN places
    ON places.cell = lone.cell AND d = at_us // 86400000000 WHERE new GROUP BY 1),
  did AS (SELECT caller AS n, count(*) AS calls, count(DISTINCT callee) AS called,
    count(*) FILTER (answered) AS answered, count(*) FILTER (duration_s >= 60) AS long,
    count(DISTINCT duration_s) AS lengths, count(DISTINCT imei) AS devices,
    count(DISTINCT cell) AS cells, max(at_us) AS last_us FROM air WHERE service = 'voice'
    GROUP BY 1)
SELECT n AS number, calls, called, answered, long, lengths, devices, cells, made,
  coalesce(taken, 0) AS taken, coalesce(reached, 0) AS reached, coalesce(fans, 0) AS fans,
  (last_us - t) / 86400000000 AS age_days, coalesce(device_cards, 0) AS device_cards,
  coalesce(place_cards, 0) AS place_cards
FROM did JOIN made USING (n) JOIN born USING (n) LEFT JOIN taken USING (n)
  LEFT JOIN fans USING (n) LEFT JOIN device USING (n) LEFT JOIN place USING (n) ORDER BY n
