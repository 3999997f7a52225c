// SPDX-License-Identifier: MIT

import CameraKit

func recordingASequence(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    try camera.recordSequence(to: (1...3).lazy.map { "part-\($0).h264" }) { _ in
        try camera.waitRecording(.milliseconds(500))
    }
}
