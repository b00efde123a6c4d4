// Halt all takedowns at once, or let them go on.
// Parameters: halted BOOLEAN; by, because STRING; at_ms INTEGER, milliseconds since 1970.
// Returns: nothing.
// WRITE. Starts from: constraint takedown_desk_name.
MERGE (desk:TakedownDesk {name: 'switch'})
SET desk.halted = $halted, desk.by = $by, desk.because = $because,
    desk.at = datetime.fromEpochMillis($at_ms)
