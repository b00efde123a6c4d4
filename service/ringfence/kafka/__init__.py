"""Events out of Kafka: a member of a consumer group, and where rejected events go.

Needs the extra `kafka`; nothing else of Ringfence imports this package.
"""

from ringfence.kafka.consumer import Delivery, EventConsumer
from ringfence.kafka.dead_letters import DeadLetter, DeadLetters
from ringfence.kafka.properties import read_properties

__all__ = ["DeadLetter", "DeadLetters", "Delivery", "EventConsumer", "read_properties"]
