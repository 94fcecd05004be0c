"""The Celery application of benchmarks/kill_rivals.py; its worker imports it too."""

from __future__ import annotations

import importlib
import os
from typing import Any

from benchmarks.hangs import hang

# By name, because it is there only where somebody has installed it.
app: Any = importlib.import_module("celery").Celery("kill", broker=os.environ["BENCHMARK_BROKER"])
app.conf.update(task_ignore_result=True, worker_prefetch_multiplier=1)

hang_task = app.task(name="hang")(hang)
