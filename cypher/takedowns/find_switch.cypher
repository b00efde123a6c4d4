// Whether all takedowns are halted.
// Parameters: none.
// Returns: halted BOOLEAN; by, because STRING; at_ms INTEGER; no row if nobody ever halted them.
// READ. Starts from: constraint takedown_desk_name.
MATCH (desk:TakedownDesk {name: 'switch'})
RETURN desk.halted AS halted, desk.by AS by, desk.because AS because, desk.at.epochMillis AS at_ms
