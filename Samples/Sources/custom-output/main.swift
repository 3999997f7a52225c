// SPDX-License-Identifier: MIT

// An output of one's own needs no more than `write`; it is called on the encoder's callback thread.

import CameraKit
import SampleCamera
import Synchronization

/// Counts what it is given and keeps nothing.
final class CountingOutput: Output {
    private let total = Mutex((pictures: 0, bytes: 0))

    var counts: (pictures: Int, bytes: Int) { total.withLock { $0 } }

    func write(_ bytes: RawSpan, _ info: PacketInfo) {
        total.withLock { total in
            total.pictures += 1
            total.bytes += bytes.byteCount
        }
    }
}

let camera = try openCamera()
defer { camera.close() }

let output = CountingOutput()
try camera.startRecording(to: .output(output), format: .mjpeg)
try camera.waitRecording(.seconds(2))
try camera.stopRecording()
print("\(output.counts.pictures) pictures, \(output.counts.bytes) bytes")
