"""The GraphQL door: questions of people and their tools."""
