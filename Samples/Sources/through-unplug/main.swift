// SPDX-License-Identifier: MIT

// Files of a minute for as long as it takes, also when the camera is unplugged and plugged in again.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

let events = camera.events
Task {
    for await event in events {
        switch event {
        case .fileFinished(_, let file): print("\(file.name): \(file.frames) frames from \(file.start) on")
        case .sourceLost(let error): print("\(error) Plug it in again.")
        case .sourceReturned(let name, let time): print("It is back as \(name) after \(time).")
        default: break
        }
    }
}
// The test camera and files cannot go away, so that nothing can wait for them.
let canGoAway = camera.name.hasPrefix("/dev/") || camera.name.hasPrefix("libcamera:")
let recording = try camera.startRecording(
    to: "door-{counter:04d}.h264", splitting: .every(.seconds(60)), durationLimit: canGoAway ? nil : .seconds(3),
    onDisconnect: canGoAway ? .wait : .fail)
try recording.wait()
