// SPDX-License-Identifier: MIT

// Two cameras, recorded from the same moment on; the arguments name them: two-cameras /dev/video0 /dev/video2

import CameraKit

let names = Array(CommandLine.arguments.dropFirst())
if names.isEmpty { print("No cameras were named: using two test cameras.") }
let cameras = try (names.isEmpty ? ["test", "test"] : names).map {
    try Camera(CameraSelection(parsing: $0), resolution: .vga, frameRate: 30)
}
defer { for camera in cameras { camera.close() } }

// All or none: when one cannot start, none does, and no file is left.
try Camera.startRecordings(
    cameras.enumerated().map { number, camera in
        (camera, RecordingRequest(to: .path("camera-\(number).mjpeg")))
    })
for camera in cameras { try camera.waitRecording(.seconds(2) / cameras.count) }
for camera in cameras { try camera.stopRecording() }

for (number, camera) in cameras.enumerated() {
    guard let counts = camera.statistics.encoders[1] else { continue }
    print("camera-\(number).mjpeg: \(counts.packetsWritten) pictures of \(camera.name)")
}
