// SPDX-License-Identifier: MIT

import CameraKit

func capturingBayerData(_ selection: CameraSelection) async throws {
    // What the sensor has behind its filter of colours; the camera's formats tell which of these it delivers.
    let camera = try Camera(selection, resolution: .vga, pixelFormat: .rggb8)
    defer { camera.close() }
    for try await frame in try camera.frames(bufferingNewest: 1) {
        guard let pattern = frame.format.bayer else { break }
        let behindFilter = try frame.bayerPixels()
        let colors = try behindFilter.demosaiced(pattern)
        print("\(behindFilter.channels) channel behind the filter, \(colors.channels) of colours")
        break
    }
    // For programs that develop such pictures.
    try await camera.capture(to: "sensor.dng")
}
