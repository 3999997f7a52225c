// SPDX-License-Identifier: MIT

import CameraKit

func capturingToAnImage(_ selection: CameraSelection) async throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    for try await frame in try camera.frames(bufferingNewest: 1) {
        let image = try frame.rgbPixels()
        let middle = (0..<3).map { image[image.rows / 2, image.columns / 2, $0] }
        print("\(image.columns)x\(image.rows), in the middle red, green and blue are \(middle)")
        break
    }
}
