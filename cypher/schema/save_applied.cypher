// Record that a migration was applied.
// Parameters: number INTEGER, name STRING, checksum STRING.
// Returns: nothing.
// WRITE. Starts from: constraint migration_number.
MERGE (m:Migration {number: $number})
SET m.name = $name, m.checksum = $checksum, m.applied_at = datetime()
