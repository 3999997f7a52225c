// SPDX-License-Identifier: MIT

// A file for each event: what was before it goes round in memory until it is wanted.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

let ring = try CircularOutput(.time(.seconds(2)))
let recording = try camera.startRecording(to: .output(ring), format: .h264)
let clips = try RingClips(of: ring, to: "event-{counter:03d}.mp4") { event in
    if case .fileFinished(_, let file) = event { print("\(file.name) holds \(file.frames) frames") }
}
try recording.wait(.seconds(3))

// Something happened: two seconds from before it, and one after, make one file without a gap.
try clips.trigger(before: .seconds(2), after: .seconds(1))
try recording.wait(.seconds(2))
try recording.stop()
try clips.close()
