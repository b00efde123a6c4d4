// What names the store that the database has its data in.
// Parameters: none.
// Returns: id STRING.
// READ. Starts from: a procedure.
CALL db.info() YIELD id
RETURN id
