// SPDX-License-Identifier: MIT

import CameraKit

func capturingToAnArray(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    let output = ArrayOutput()
    try camera.capture(to: .output(output), format: .rgb24, resize: Resolution(320, 240))
    let pixels = try output.pixels
    print("\(pixels.rows) rows, \(pixels.columns) columns, red in the middle: \(pixels[120, 160, 0])")
}
