// SPDX-License-Identifier: MIT

import CameraKit

func capturingYUV(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    // The planes Y, U and V one after the other, without padding.
    try camera.capture(to: "picture.yuv420", format: .yuv420)

    // The same as an array with Y, U and V of each pixel, and turned into red, green and blue.
    let output = ArrayOutput()
    try camera.capture(to: .output(output), format: .yuv420)
    let (yuv, rgb) = (try output.pixels, try output.rgbPixels)
    print("the first pixel is \(yuv.elements.prefix(3)), in RGB \(rgb.elements.prefix(3))")
}
