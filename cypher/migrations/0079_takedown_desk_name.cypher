// The counter of actions and the switch that halts all takedowns are there once each.
CREATE CONSTRAINT takedown_desk_name IF NOT EXISTS FOR (desk:TakedownDesk) REQUIRE desk.name IS UNIQUE
