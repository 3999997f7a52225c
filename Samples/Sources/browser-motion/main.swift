// SPDX-License-Identifier: MIT

// Motion from the browser: the page at http://127.0.0.1:8080/watch.html compares the pictures that it shows, marks what has
// moved, and has the server keep the event, from five seconds before it on.

import CameraKit
import CameraServer
import SampleCamera

let page = """
    <!doctype html>
    <meta charset="utf-8"><title>What moves?</title>
    <h1>What moves?</h1>
    <img id="live" src="/stream.mjpg" hidden>
    <canvas id="view" width="320" height="180"></canvas>
    <p>Moving: <output id="share">0</output> % of the picture. Events kept: <output id="events">0</output></p>
    <script>
    const live = document.getElementById("live"), view = document.getElementById("view");
    const context = view.getContext("2d", {willReadFrequently: true});
    let before, quietUntil = 0;
    setInterval(async () => {
        if (!live.naturalWidth) return;
        context.drawImage(live, 0, 0, view.width, view.height);
        const picture = context.getImageData(0, 0, view.width, view.height), now = picture.data;
        let moving = 0;
        for (let i = 0; before && i < now.length; i += 4) {
            if (Math.abs(now[i + 1] - before[i + 1]) < 40) continue;
            moving += 1;
            [now[i], now[i + 1], now[i + 2]] = [255, 0, 0];
        }
        const share = 400 * moving / now.length;
        document.getElementById("share").value = share.toFixed(1);
        before = context.getImageData(0, 0, view.width, view.height).data.slice();
        context.putImageData(picture, 0, 0);
        if (share < 1 || performance.now() < quietUntil) return;
        quietUntil = performance.now() + 2000;
        const answer = await fetch("/api/v1/cameras/camera/trigger", {method: "POST"});
        if (answer.ok) document.getElementById("events").value++;
    }, 200);
    </script>
    """

Interruption.watch()
let camera = try openCamera()
defer { camera.close() }
var served = ServedCamera(camera)
served.ring = .seconds(5)
served.afterEvent = .seconds(3)
served.eventTemplate = "event-{counter:03d}.mp4"
var options = CameraServer.Options()
options.port = portArgument() ?? 8080
options.rtspPort = nil
options.pages["/watch.html"] = page
let server = try CameraServer([served], options: options)
print("look at \(server.address)watch.html")
while !Interruption.isRequested { try camera.wait(.milliseconds(200)) }
try server.stop()
