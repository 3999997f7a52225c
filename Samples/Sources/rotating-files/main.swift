// SPDX-License-Identifier: MIT

// A recording that goes on in a new file every second: by a rule, or cut by hand.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

try camera.startRecording(to: "hall-{counter:02d}.h264", splitting: .every(.seconds(1)))
try camera.waitRecording(.seconds(3))
try camera.stopRecording()

try camera.startRecording(to: "door-1.h264")
try camera.waitRecording(.seconds(1))
let first = try camera.splitRecording(to: "door-2.h264")
print("door-2.h264 begins with frame \(first.index), \(first.timestamp) after the start")
try camera.waitRecording(.seconds(1))
try camera.stopRecording()
