// SPDX-License-Identifier: MIT

import CameraKit

func scrollingText(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    let message = "This text is longer than the picture is wide, and runs through it.   "
    try camera.startRecording(to: "scrolling.h264")
    for start in 0..<20 {
        try camera.setAnnotation(Annotation(String(message.dropFirst(start).prefix(30))))
        try camera.waitRecording(.milliseconds(100))
    }
    try camera.stopRecording()
}
