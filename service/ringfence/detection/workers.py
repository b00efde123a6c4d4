"""Who does the parts of detection that need not be done where the rest is."""

from dataclasses import dataclass

from ringfence.detection.cells import CutAll, cut_one_by_one
from ringfence.detection.components import FindComponents, find_components
from ringfence.detection.hubs import JudgeCarriers, judge_carriers


@dataclass(frozen=True, slots=True)
class Workers:
    """This process, unless told otherwise; whoever it is, the answers are the same.

    Attributes:
        components: finds connected components.
        judge: judges popular identifiers by their carriers.
        cut: cuts large components into cells.
    """

    components: FindComponents = find_components
    judge: JudgeCarriers = judge_carriers
    cut: CutAll = cut_one_by_one


THIS_PROCESS = Workers()
