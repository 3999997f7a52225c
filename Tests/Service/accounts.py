# SPDX-License-Identifier: MIT
"""What became of every picture: the numbers in all files, as they are finished, against what the service has counted."""
import pathlib
import re
import subprocess
import threading
import time
import urllib.request

import watching


def numbers(path, size):
    """The numbers in the pictures of a file, as another program decodes it; None for one that cannot be read."""
    words = ["ffmpeg", "-v", "error", "-xerror", "-i", path, "-fps_mode", "passthrough", "-f", "rawvideo", "-pix_fmt", "gray", "-"]
    done = subprocess.run(words, capture_output=True, timeout=120)
    if done.returncode or done.stderr:
        raise ValueError(f"{path} does not play: {done.stderr.decode()[-200:]}")
    width, height = size
    step = width * height
    return [watching.number(done.stdout[start:start + step], width, height) for start in range(0, len(done.stdout), step)]


class Account:
    """The files of one template of a camera, in the order in which they were finished."""

    def __init__(self, size):
        self.size = size
        self.faults = []
        self.counters = []
        self.files = self.pictures = 0
        # What was told of files that retention deleted before they had a second name: their pictures.
        self.gone = []
        # The first and the last number of each stay of the camera.
        self.stays = []
        # Numbers left out within files and between two of them: the stay, the number before, how many.
        self.gaps, self.pauses = [], []

    def add(self, path, frames, is_event):
        self.counters.append(int(re.search(r"(\d+)\.mp4$", path.name)[1]))
        if not path.exists():
            self.gone.append(frames)
            return
        found = numbers(path, self.size)
        self.files += 1
        self.pictures += len(found)
        if len(found) != frames:
            self.faults.append(f"{path.name} has {len(found)} pictures, and {frames} were told")
        if None in found or any(after <= before for before, after in zip(found, found[1:])):
            self.faults.append(f"{path.name} has pictures that are repeated, out of order or damaged: {found}")
            return
        if is_event or not self.stays or found[0] <= self.stays[-1][1]:
            self.stays.append([found[0], found[-1]])
        else:
            self.note(self.pauses, self.stays[-1][1], found[0])
            self.stays[-1][1] = found[-1]
        for before, after in zip(found, found[1:]):
            self.note(self.gaps, before, after)

    def note(self, gaps, before, after):
        if after > before + 1:
            gaps.append((len(self.stays), before, after - before - 1))

    def missing(self, pauses, end):
        """The numbers left out, but for so many pauses, those after `end` of the last stay, and those of files that have gone."""
        allowed = sorted(self.pauses, key=lambda gap: gap[2])[:max(len(self.pauses) - pauses, 0)]
        count = sum(count for stay, before, count in self.gaps + allowed if stay < len(self.stays) or before + 1 < end)
        return max(count - sum(self.gone), 0)

    def check_names(self):
        if sorted(self.counters) != list(range(1, len(self.counters) + 1)):
            odd = sorted({number for number in self.counters if self.counters.count(number) > 1})
            left = sorted(set(range(1, max(self.counters) + 1)) - set(self.counters))
            self.faults.append(f"the numbers of the files do not go on one by one: twice {odd}, left out {left}")


class Ledger(threading.Thread):
    """Reads what the hook for finished files has written down, and each of the files.

    The hook gives it a second name, by which it is there until it was read, whatever retention does.
    """

    def __init__(self, journal, sizes):
        super().__init__()
        self.journal = journal
        self.accounts = {(camera, is_event): Account(size) for camera, size in sizes.items() for is_event in (False, True)}
        self.paths = []
        self.faults = []
        self.ending = threading.Event()

    def run(self):
        done = 0
        while True:
            is_last = self.ending.is_set()
            lines = self.journal.read_text().split("\n")[:-1] if self.journal.exists() else []
            for line in lines[done:]:
                self.take(*line.split("\t"))
            done = len(lines)
            if is_last:
                return
            self.ending.wait(1)

    def take(self, camera, path, frames, second):
        path, second = pathlib.Path(path), pathlib.Path(second)
        if path in self.paths:
            self.faults.append(f"{path} was finished twice")
        self.paths.append(path)
        is_event = path.name.startswith("event-")
        account = self.accounts[camera, is_event]
        try:
            account.add(second, int(frames), is_event)
            second.unlink(missing_ok=True)
        except (ValueError, OSError, subprocess.TimeoutExpired) as error:
            account.faults.append(str(error))

    def end(self):
        self.ending.set()
        self.join(120)


class Counts:
    """The counts of /metrics, added up through the times that they began again at zero."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}/metrics"
        self.last, self.totals = {}, {}

    def read(self):
        for attempt in range(3):
            try:
                text = urllib.request.urlopen(self.address, timeout=20).read().decode()
                break
            except OSError:
                if attempt == 2:
                    raise
                time.sleep(0.5)
        now = {}
        for line in text.splitlines():
            if not line.startswith("#"):
                key, value = line.rsplit(" ", 1)
                now[key] = float(value)
        for key, value in now.items():
            before = self.last.get(key, 0)
            self.totals[key] = self.totals.get(key, 0) + (value - before if value >= before else value)
        self.last.update(now)

    def total(self, family, camera, port=None):
        port = f',port="{port}"' if port else ""
        return int(self.totals.get(f'camera_{family}{{camera="{camera}"{port}}}', 0))

    def now(self, family, camera):
        return int(self.last.get(f'camera_{family}{{camera="{camera}"}}', 0))

    def lost(self, camera, port):
        """Frames that did not reach the files of a port, and were counted."""
        families = ("encoder_frames_dropped_total", "encoder_packets_dropped_total")
        lost = self.total("frames_lost_total", camera) + self.total("frames_not_copied_total", camera)
        return lost + sum(self.total(family, camera, port) for family in families)
