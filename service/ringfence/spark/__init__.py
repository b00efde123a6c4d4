"""Detection on Apache Spark: pruning, hubs and cutting on the workers, the rest in the driver.

Needs the extra `spark`; nothing else of Ringfence imports this package. Executors need Ringfence
too, since they run its own code.
"""

from ringfence.spark.components import DRIVER_EDGES
from ringfence.spark.engine import SparkEngine
from ringfence.spark.session import open_session

__all__ = ["DRIVER_EDGES", "SparkEngine", "open_session"]
