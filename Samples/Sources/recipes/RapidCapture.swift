// SPDX-License-Identifier: MIT

import CameraKit

func rapidCapture(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let start = camera.timestamp
    // One encoder for all pictures: no frame is left out between two of them.
    try camera.captureSequence(to: (0..<30).map { "burst-\($0).jpg" }, useVideoPort: true)
    print("30 pictures in \(camera.timestamp - start)")
}
