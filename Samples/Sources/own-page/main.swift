// SPDX-License-Identifier: MIT

// A page of one's own around the live picture, at http://127.0.0.1:8080/door.html.

import CameraKit
import CameraServer
import SampleCamera

/// The pictures come over a WebSocket: words about the stream first, then the beginning of an MP4 and a fragment for each
/// picture, which go to the browser's player in their order.
let page = """
    <!doctype html>
    <meta charset="utf-8"><title>The door</title>
    <h1>Who is at the door?</h1>
    <video id="door" autoplay muted playsinline width="640"></video>
    <p><button id="open">Somebody is there: keep a picture</button> <a id="kept"></a></p>
    <script>
    const video = document.getElementById("door");
    const socket = new WebSocket(`ws://${location.host}/api/v1/cameras/camera/live`);
    socket.binaryType = "arraybuffer";
    let buffer, waiting = [];
    function append() {
        if (buffer && !buffer.updating && waiting.length) buffer.appendBuffer(waiting.shift());
    }
    socket.onmessage = ({data}) => {
        if (typeof data !== "string") { waiting.push(data); return append(); }
        const words = JSON.parse(data), source = new MediaSource();
        [buffer, waiting] = [undefined, []];
        source.onsourceopen = () => {
            buffer = source.addSourceBuffer(`video/mp4; codecs="${words.codec}"`);
            buffer.onupdateend = () => {
                const ranges = video.buffered, end = ranges.length ? ranges.end(ranges.length - 1) : 0;
                if (end - video.currentTime > 1) video.currentTime = end - 0.1;
                append();
            };
            append();
        };
        video.src = URL.createObjectURL(source);
    };
    document.getElementById("open").onclick = async () => {
        const picture = await (await fetch("/snapshot.jpg")).blob();
        const link = document.getElementById("kept");
        [link.href, link.download, link.textContent] = [URL.createObjectURL(picture), "door.jpg", "the picture"];
    };
    </script>
    """

Interruption.watch()
let camera = try openCamera()
defer { camera.close() }
var options = CameraServer.Options()
options.port = portArgument() ?? 8080
options.rtspPort = nil
options.pages["/door.html"] = page
let server = try CameraServer(camera, options: options)
print("look at \(server.address)door.html")
while !Interruption.isRequested { try camera.wait(.milliseconds(200)) }
try server.stop()
