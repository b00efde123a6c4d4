"""Rings found in an account graph: arrays and dataclasses in, dataclasses out, no database."""

from ringfence.detection.config import DetectionConfig, load_config
from ringfence.detection.pipeline import detect_rings

__all__ = ["DetectionConfig", "detect_rings", "load_config"]
