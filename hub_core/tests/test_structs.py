"""A process that has just started decodes in several threads at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

#: The same workout in six threads, which change places all the time. Without `learn_structs` msgspec ends
#: this process with a segmentation fault.
_SCRIPT = """
import sys, threading
import msgspec
from hub_core.bootstrap import make_app, make_hub
from hub_core.cli.demo import example_files
from hub_core.domain.workout import PlannedWorkout
from hub_core.settings import HubSettings

make_app(make_hub(HubSettings(database_url=f"sqlite:///{sys.argv[1]}/hub.db")))
body = example_files()[0].read_bytes()
together = threading.Barrier(6)

def decode():
    together.wait()
    sys.stdout.write(msgspec.json.decode(body, type=PlannedWorkout).name + '\\n')

sys.setswitchinterval(1e-6)
threads = [threading.Thread(target=decode) for _ in range(6)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
"""


def test_a_struct_can_be_decoded_by_several_threads_from_the_first_moment_on(tmp_path: Path) -> None:
    command = [sys.executable, "-W", "ignore", "-c", _SCRIPT, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert len(set(done.stdout.split("\n"))) == 2  # the name, and the empty end
