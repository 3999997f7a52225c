// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func rapidCaptureFromVideo(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    // Each write is one picture, whole: there is nothing to search for in the bytes.
    let pictures = OutputTarget.writing { bytes, info in
        let picture = bytes.withUnsafeBytes { Data($0) }
        try picture.write(to: URL(filePath: "video-\(info.index).jpg"))
    }
    try camera.startRecording(to: pictures, format: .mjpeg, frameLimit: 30)
    try camera.waitRecording()
    try camera.stopRecording()
}
