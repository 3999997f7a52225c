// SPDX-License-Identifier: MIT

import CameraKit
import Foundation

func capturingRGB(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    try camera.capture(to: "picture.rgb24", format: .rgb24)
    // Three bytes a pixel without padding; with these words in front, other programs can read it.
    let pixels = try Data(contentsOf: URL(filePath: "picture.rgb24"))
    let header = "P6 \(camera.resolution.width) \(camera.resolution.height) 255\n"
    try (Data(header.utf8) + pixels).write(to: URL(filePath: "picture.ppm"))
}
