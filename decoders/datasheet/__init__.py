"""Datasheets: what a maker says about its objects and events (wire-format 6, placeholder).

A datasheet is a TOML text that its owner may keep confidential. It is looked up by UMI code, 32 bits: bank ‖ object.
"""
