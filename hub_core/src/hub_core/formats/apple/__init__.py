"""What comes out of an iPhone: Apple Health's `export.zip`, and Health Auto Export's JSON."""

from hub_core.formats.apple.auto_export import read_auto_export
from hub_core.formats.apple.export_zip import AppleExport, open_apple_export
from hub_core.formats.apple.words import to_apple_sample, to_apple_sport, to_apple_stage

__all__ = [
    "AppleExport",
    "open_apple_export",
    "read_auto_export",
    "to_apple_sample",
    "to_apple_sport",
    "to_apple_stage",
]
