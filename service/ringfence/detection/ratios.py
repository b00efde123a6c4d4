"""Precision and recall, the currency of every figure of quality."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ratio:
    """Precision, recall and their harmonic mean; an empty denominator gives 0."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        both = self.precision + self.recall
        return 2 * self.precision * self.recall / both if both else 0.0

    @classmethod
    def of(cls, right: float, said: float, true: float) -> "Ratio":
        """From what was right, what was said and what was true."""
        return cls(right / said if said else 0.0, right / true if true else 0.0)
