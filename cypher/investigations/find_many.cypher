// Investigations by id.
// Parameters: ids LIST<STRING>.
// Returns: investigation MAP {id, name, document, variables, as_of_ms, by, created_ms, updated_ms};
//   unknown ids are left out.
// READ. Starts from: constraint investigation_id.
UNWIND $ids AS id
MATCH (i:Investigation {id: id})
RETURN i {
  .id, .name, .document, .variables, .by, as_of_ms: i.as_of.epochMillis,
  created_ms: i.created_at.epochMillis, updated_ms: i.updated_at.epochMillis
} AS investigation
