# SPDX-License-Identifier: MIT
"""The cameras of the soak, one for each way to record, and the file that describes them."""
import time

import films

# Name, source, size, rate. More cameras than these are more of the first kind.
CAMERAS = [
    ("hall", "test:numbered", (320, 240), 10), ("yard", "test:numbered", (176, 144), 25),
    ("door", "test:numbered", (176, 144), 10), ("gate", "test:numbered", (176, 144), 10),
    ("film", "film.y4m", (160, 96), films.RATE), ("tree", "tree.y4m", (160, 96), films.RATE),
    ("shed", "test:numbered", (176, 144), 10), ("attic", "test:numbered", (176, 144), 10),
]
FILM_FRAMES = 25 * films.RATE


def chosen(count):
    more = [(f"more{number}", *CAMERAS[0][1:]) for number in range(count - len(CAMERAS))]
    return (CAMERAS + more)[:count]


class Hours:
    """The hours of the camera that has some, as the service's clock goes: an hour back lies outside them."""

    def __init__(self, length):
        now = int(time.time())
        self.begins, self.ends = now - 40 * 60 - now % 60, now + length + 40 * 60 - now % 60

    def text(self):
        return "-".join(time.strftime("%H:%M", time.gmtime(moment)) for moment in (self.begins, self.ends))

    def have(self, moment):
        """Whether a moment is within the hours of its day; nil where it is near to one of their ends."""
        day = 24 * 3600
        since, span = (moment - self.begins) % day, self.ends - self.begins
        if min(since, day - since, abs(since - span)) < 30:
            return None
        return since < span


def write(folder, cameras, hours, ports, retention):
    """Writes the file anew, with these cameras."""
    text = f"""server: {{port: {ports[0]}, rtsp-port: {ports[1]}, catalog: "{folder}/catalog.sqlite"}}
hooks:
  on-file: 'n="{folder}/disk/unread/$CAMERA_NAME-$(basename "$CAMERA_FILE")"; ln "$CAMERA_FILE" "$n" 2>/dev/null;
    printf "%s\\t%s\\t%s\\t%s\\n" "$CAMERA_NAME" "$CAMERA_FILE" "$CAMERA_FRAMES" "$n" >> {folder}/files'
  on-event: 'printf "%s\\t%s\\t%s\\n" "$CAMERA_NAME" "$CAMERA_SUBJECT" "$CAMERA_EVENT" >> {folder}/events'
defaults:
  encoding: {{threads: 1, quality: 32, keyframe-interval: 60}}
  retention: {{{retention}}}
cameras:
"""
    more = {
        "yard": {"split": "400frames"},
        "gate": {"mode": "trigger"},
        "film": {"split": "10s"},
        "tree": {"mode": "motion"},
        "shed": {"mode": "schedule", "schedule": f'"{hours.text()}"'},
    }
    rings = {
        "door": f'{{template: "{folder}/disk/{{camera}}/event-{{counter:06d}}.mp4", circular: 10s, before: 4s, after: 6s}}',
        "tree": "{circular: 10s, before: 3s, after: 2s}",
    }
    for name, source, size, rate in cameras:
        text += f"  {name}:\n"
        if source == "test:numbered":
            text += f"    source: {source}\n    size: {size[0]}x{size[1]}\n    fps: {rate}\n"
        else:
            text += f"    source: {folder}/{source}\n"
        # A mode of movement has the names of the recording's files.
        stem = "event-" if name == "tree" else ""
        record = {"template": f'"{folder}/disk/{{camera}}/{stem}{{counter:06d}}.mp4"', "split": "20s"} | more.get(name, {})
        if name == "tree":
            del record["split"]
            text += '    motion: {areas: ["0,0.4,1,0.6"], threshold: 2}\n'
        text += "    record: {" + ", ".join(f"{key}: {value}" for key, value in record.items()) + "}\n"
        if name in rings:
            text += f"    events: {rings[name]}\n"
    path = folder / "camera.yaml"
    path.write_text(text)
    return path
