# SPDX-License-Identifier: MIT
"""What a process has of the machine, and whether that grows."""
import os
import pathlib

KINDS = ["rss", "anonymous", "descriptors", "threads"]


def sample(process):
    """MiB of memory in all and of its own, descriptors, threads."""
    status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{process}/status").read_text().splitlines())
    memory = [int(status[key].split()[0]) / 1024 for key in ("VmRSS", "RssAnon")]
    return [*memory, len(os.listdir(f"/proc/{process}/fd")), int(status["Threads"])]


def processor_time(process):
    """Seconds that a process has computed."""
    fields = pathlib.Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def slope(points):
    """By least squares, the growth in an hour of values at seconds, and its standard error."""
    count = len(points)
    if count < 3:
        return 0.0, float("inf")
    time = sum(x for x, _ in points) / count
    value = sum(y for _, y in points) / count
    spread = sum((x - time) ** 2 for x, _ in points)
    growth = sum((x - time) * (y - value) for x, y in points) / spread
    rest = sum((y - value - growth * (x - time)) ** 2 for x, y in points)
    return growth * 3600, (rest / (count - 2) / spread) ** 0.5 * 3600


class Samples:
    """The samples of a run. Those that count were taken while nobody looked at the cameras."""

    def __init__(self, length):
        self.length = length
        self.quiet = []
        self.all = []

    def add(self, seconds, values, is_quiet):
        self.all.append((seconds, values))
        # What a program needs once, it needs at its beginning.
        if is_quiet and seconds >= self.length / 10:
            self.quiet.append((seconds, values))

    def rows(self):
        """A line of a table for each kind: the least, most, and last, the growth in an hour, and what is wrong with it."""
        if len(self.quiet) < 4:
            return [("samples", f"only {len(self.quiet)} while nobody looked", "the run is too short to tell of growth")]
        third = max(len(self.quiet) // 3, 2)
        rows = []
        for place, kind in enumerate(KINDS):
            points = [(seconds, values[place]) for seconds, values in self.quiet]
            growth, error = slope(points)
            early, late = (min(value for _, value in part) for part in (points[:third], points[-third:]))
            most = max(values[place] for _, values in self.all)
            text = (f"{early:.4g} at least in the first third, {late:.4g} in the last, {most:.4g} at most; "
                    f"{growth:+.2f} an hour (standard error {error:.2f})")
            fault = None
            # Memory that is not the process' own is the libraries' and files' and says nothing.
            if kind == "anonymous" and growth - 2 * error > 1:
                fault = "grows by more than a MiB an hour"
            if kind in ("descriptors", "threads") and late > early:
                fault = "does not come back to what it was"
            rows.append((kind, text, fault))
        return rows
