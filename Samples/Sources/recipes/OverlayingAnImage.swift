// SPDX-License-Identifier: MIT

import CameraKit

func overlayingAnImage(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    // Stands for a logo that was drawn elsewhere.
    try camera.capture(to: "logo.png", resize: Resolution(160, 120))
    let logo = try PictureOverlay(contentsOf: "logo.png") {
        $0.position = .bottomRight
        $0.alpha = 128
    }
    try camera.setOverlays([logo])
    try camera.startRecording(to: "logo.h264")
    try camera.waitRecording(.seconds(1))
    try camera.stopRecording()
}
