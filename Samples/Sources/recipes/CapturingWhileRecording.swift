// SPDX-License-Identifier: MIT

import CameraKit

func capturingWhileRecording(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    try camera.startRecording(to: "undisturbed.h264")
    try camera.waitRecording(.seconds(1))
    try camera.capture(to: "meanwhile.jpg")
    try camera.waitRecording(.seconds(1))
    try camera.stopRecording()
}
