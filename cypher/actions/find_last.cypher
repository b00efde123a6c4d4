// Number of the last action.
// Parameters: none.
// Returns: last INTEGER, 0 where there is none.
// READ. Starts from: constraint takedown_desk_name.
OPTIONAL MATCH (desk:TakedownDesk {name: 'actions'})
RETURN coalesce(desk.seq, 0) AS last
