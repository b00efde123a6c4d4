"""The REST doors: events in, and whether the service is well."""
