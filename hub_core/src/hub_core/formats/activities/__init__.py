"""Files of what was done: FIT, TCX and GPX in, `Activity` records out."""

from hub_core.formats.activities.files import ACTIVITY_SUFFIXES, ActivityFile, read_activity_file
from hub_core.formats.activities.fit_write import write_fit_activity

__all__ = ["ACTIVITY_SUFFIXES", "ActivityFile", "read_activity_file", "write_fit_activity"]
