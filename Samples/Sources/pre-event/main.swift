// SPDX-License-Identifier: MIT

// The last seconds before something happened: pictures go round in memory until they are wanted.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

let ring = try CircularOutput(.time(.seconds(20)))
try camera.startRecording(to: .output(ring), format: .h264, options: EncoderOptions { $0.keyFrameInterval = 15 })
try camera.waitRecording(.seconds(3))

// Something happened: two seconds from before it, and one after, make one file without a gap.
try ring.startWriting(to: "event.h264", last: .seconds(2))
try camera.waitRecording(.seconds(1))
let (first, last) = try ring.stopWriting()
try camera.stopRecording()
print("event.h264 holds frames \(first.index) to \(last.index)")
