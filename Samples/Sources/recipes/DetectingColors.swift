// SPDX-License-Identifier: MIT

import CameraKit
import Synchronization

/// Notes which colour is the strongest in the pictures.
final class ColorWatch: FrameAnalysis, @unchecked Sendable {
    // Unchecked because the superclass is open; what this class adds is behind a lock.
    private let counts = Mutex<[String: Int]>([:])

    var strongest: [String: Int] { counts.withLock { $0 } }

    override func analyze(_ pixels: PixelArray<UInt8>, _ info: PacketInfo) {
        var sums = [0, 0, 0]
        for (index, value) in pixels.elements.enumerated() { sums[index % 3] += Int(value) }
        let name = zip(["red", "green", "blue"], sums).max { $0.1 < $1.1 }?.0
        guard let name else { return }
        counts.withLock { $0[name, default: 0] += 1 }
    }
}

func detectingColors(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 10)
    defer { camera.close() }
    let watch = ColorWatch()
    try camera.startRecording(to: .output(watch), format: .rgb24, resize: Resolution(160, 120))
    try camera.waitRecording(.seconds(2))
    try camera.stopRecording()
    print("the strongest colour, and in how many pictures: \(watch.strongest)")
}
