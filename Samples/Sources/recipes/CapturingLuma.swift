// SPDX-License-Identifier: MIT

import CameraKit

func capturingLuma(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga)
    defer { camera.close() }
    let output = ArrayOutput()
    try camera.capture(to: .output(output), format: .yuv420)
    guard let frame = output.frame else { return }
    let luma = frame.bytes(ofPlane: 0).withUnsafeBytes { Array($0) }
    print("\(luma.count) pixels, from \(luma.min() ?? 0) to \(luma.max() ?? 0)")
}
