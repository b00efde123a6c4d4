// There is one audit log, whose lock lets its chain have no fork.
CREATE CONSTRAINT audit_log_name IF NOT EXISTS FOR (l:AuditLog) REQUIRE l.name IS UNIQUE
