// SPDX-License-Identifier: MIT

import CameraKit

func overlayingText(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let text = Annotation("Hello world!") {
        $0.foreground = .yellow
        $0.background = .blue
    }
    try camera.setAnnotation(text)
    try camera.capture(to: "text.jpg")
}
