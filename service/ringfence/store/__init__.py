"""The only door to Neo4j: statements of `cypher/` run by name."""
