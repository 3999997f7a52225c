// SPDX-License-Identifier: MIT

import CameraKit

func overlayingAnArray(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    // A white cross on nothing: red, green, blue and opacity of each pixel.
    var cross = PixelArray<UInt8>(rows: 240, columns: 240, channels: 4, repeating: 0)
    for place in 0..<240 {
        for channel in 0..<4 {
            cross[120, place, channel] = 255
            cross[place, 120, channel] = 255
        }
    }
    try camera.setOverlays([PictureOverlay(cross.elements, size: Resolution(240, 240)) { $0.position = .center }])
    try camera.capture(to: "aimed.png")
}
