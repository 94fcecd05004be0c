from __future__ import annotations

import subprocess
import sys


def test_the_registry_imports_no_heavy_library() -> None:
    code = "import sys, workers.scrapers; print({'lxml', 'feedparser', 'requests', 'supervisor'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()", done.stdout


def test_a_built_in_brings_no_feed_parser_before_its_first_feed() -> None:
    code = "import sys, workers.scrapers.feed; print('feedparser' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
