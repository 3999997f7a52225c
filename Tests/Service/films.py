# SPDX-License-Identifier: MIT
"""Footage that is played as a camera: each picture has its number, by the tool's own test picture."""
import subprocess

SIZE = "160x96"
RATE = 15


def numbered(tool, path, frames):
    """Pictures that are numbered from 0 on."""
    raw = path.with_suffix(".yuv")
    subprocess.run([tool, "record", raw, "--format", "yuv420", "--camera", "test:numbered", "--size", SIZE, "--fps", str(RATE),
                    "--pace", "none", "--frames", str(frames), "--quiet"], check=True, timeout=120)
    words = ["ffmpeg", "-v", "error", "-y", *of(raw), "-pix_fmt", "yuv420p", path]
    subprocess.run(words, check=True, timeout=120)
    raw.unlink()
    return path


def moving(film, path, begin, end):
    """The same numbers above a picture that stands still, but for something that passes from one second to another."""
    still = ["-f", "lavfi", "-i", f"testsrc=size=160x64:rate={RATE},trim=end_frame=1,loop=-1:1,setpts=N/{RATE}/TB"]
    box = ["-f", "lavfi", "-i", f"testsrc=size=48x40:rate={RATE},trim=end_frame=1,loop=-1:1,setpts=N/{RATE}/TB"]
    place = f"if(between(t,{begin},{end}),mod((t-{begin})*60,160)-40,-200)"
    graph = f"[0:v][1:v]overlay=0:32:shortest=1[a];[a][2:v]overlay=x='{place}':y=44:eval=frame:shortest=1"
    words = ["ffmpeg", "-v", "error", "-y", "-i", film, *still, *box, "-filter_complex", graph, "-pix_fmt", "yuv420p", path]
    subprocess.run(words, check=True, timeout=120)
    return path


def of(raw):
    return ["-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", SIZE, "-r", str(RATE), "-i", raw]
