"""Invented reports that behave like the city's: seeded, through the one door, every one marked as demo."""

from etl.demo.clusters import Cluster
from etl.demo.generator import Planned, generate, planted
from etl.demo.geography import Geography

__all__ = ["Cluster", "Geography", "Planned", "generate", "planted"]
