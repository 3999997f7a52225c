// SPDX-License-Identifier: MIT

// An encoder of one's own: a subclass that counts key frames, given to the camera as a factory.

import CameraKit
import SampleCamera
import Synchronization

/// Records as usual and counts the kinds of pictures.
final class CountingEncoder: CookedVideoEncoder, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let counts = Mutex<[FrameType: Int]>([:])

    override func callbackWrite(_ packet: Packet, key: OutputKey) throws -> Bool {
        counts.withLock { $0[packet.info.type, default: 0] += 1 }
        return try super.callbackWrite(packet, key: key)
    }

    override func closeOutput(_ output: OpenedOutput, key: OutputKey) throws {
        let counts = counts.withLock { $0 }
        print("\(output.name): \(counts[.key, default: 0]) key frames, \(counts[.predicted, default: 0]) others")
        try super.closeOutput(output, key: key)
    }
}

let camera = try openCamera()
defer { camera.close() }

try camera.startRecording(
    to: "counted.h264", options: EncoderOptions { $0.keyFrameInterval = 10 }, encoder: { try CountingEncoder($0) })
try camera.waitRecording(.seconds(2))
try camera.stopRecording()
