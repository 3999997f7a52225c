# SPDX-License-Identifier: MIT
"""What the scripts beside it share: a service that is started, and the files that it left."""
import re
import subprocess
import sys
import pathlib
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "Servers"))


def start(tool, path, log, port, environment=None):
    """Starts the service that a file describes, and waits until every camera gives pictures."""
    words = [tool, "serve", path]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment)
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).read()
            return process
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"the service has ended: {process.returncode}")
            time.sleep(0.1)
    process.kill()
    raise SystemExit("the service does not answer")


def fault_of(path):
    """Why a file is no whole, finished one whose pictures all decode; nil where it is."""
    words = ["ffmpeg", "-v", "error", "-xerror", "-err_detect", "explode", "-i", path, "-f", "null", "-"]
    done = subprocess.run(words, capture_output=True, text=True, timeout=300)
    if done.returncode or done.stderr:
        return f"{path} does not play: {done.stderr}"
    if b"mvex" in path.read_bytes()[:4096]:
        # The fragments of a finished file are hidden in its data.
        boxes = subprocess.run(["ffprobe", "-v", "trace", path], capture_output=True, text=True, timeout=300).stderr
        if re.search(r"type:'moof' parent:'root'", boxes):
            return f"{path} was not finished"
    return None
