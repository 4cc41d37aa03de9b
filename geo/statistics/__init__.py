"""Spatial statistics: arrays in, arrays out; nothing of reports. Each method names its source."""
