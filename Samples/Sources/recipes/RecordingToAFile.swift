// SPDX-License-Identifier: MIT

import CameraKit

func recordingToAFile(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    try camera.startRecording(to: "recording.h264")
    // Other than a pause of the program, this ends at once when something goes wrong, and throws it.
    try camera.waitRecording(.seconds(2))
    try camera.stopRecording()
}
