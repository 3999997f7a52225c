// SPDX-License-Identifier: MIT

// A file for each movement, from 5 seconds before it until 2 seconds after it has ended; then the watch goes on.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

let ring = try CircularOutput(.time(.seconds(5)))
let clips = try RingClips(of: ring, to: "event-{counter:03d}.mp4") { event in
    switch event {
    case .fileFinished(_, let file): print("\(file.name): \(file.frames) frames since \(file.start)")
    case .outputFailed(_, let error): print("an event is lost: \(error)")
    default: break
    }
}
let trigger = MotionTrigger(clips, before: .seconds(5), after: .seconds(2))
let recording = try camera.startRecording(to: .output(ring), format: .h264, motionOutput: .output(trigger))

// Until the source ends; a camera goes on until the program is ended.
try recording.wait()
try recording.stop()
try clips.close()
