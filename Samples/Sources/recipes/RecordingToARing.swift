// SPDX-License-Identifier: MIT

import CameraKit

func recordingToARing(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let ring = try CircularOutput(.time(.seconds(20)))
    try camera.startRecording(to: .output(ring), format: .h264)
    for second in 1...2 {
        try camera.waitRecording(.seconds(1))
        // Stands for what a program waits for: a button, a door, a sensor.
        let somethingHappened = second == 2
        if somethingHappened { try ring.copy(to: "before.mp4", last: .seconds(1)) }
    }
    try camera.stopRecording()
}
