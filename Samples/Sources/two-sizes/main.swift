// SPDX-License-Identifier: MIT

// One camera, two recordings that begin with the same frame: full size, and half of it for the network.

import CameraKit
import SampleCamera

let camera = try openCamera()
defer { camera.close() }

let half = Resolution(camera.resolution.width / 2, camera.resolution.height / 2)
try camera.startRecordings([
    RecordingRequest(to: "full.h264", splitterPort: 1),
    RecordingRequest(to: "half.h264", resize: half, splitterPort: 2, options: EncoderOptions { $0.bitRate = 500_000 }),
])
try camera.waitRecording(.seconds(2), splitterPort: 1)
try camera.stopRecording(splitterPort: 1)
try camera.stopRecording(splitterPort: 2)

for (port, counts) in camera.statistics.encoders.sorted(by: { $0.key < $1.key }) {
    print("port \(port): \(counts.packetsWritten) pictures, \(counts.bytesWritten) bytes")
}
