// An endpoint of webhooks is found by its id, and exists once.
CREATE CONSTRAINT webhook_endpoint_id IF NOT EXISTS
FOR (e:WebhookEndpoint) REQUIRE e.id IS UNIQUE
