// Rings are filtered by grade.
CREATE INDEX ring_grade IF NOT EXISTS FOR (r:Ring) ON (r.grade)
