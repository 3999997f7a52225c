// SPDX-License-Identifier: MIT

import CameraKit

func capturingToAFile(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .hd720p)
    defer { camera.close() }
    // A real camera needs a moment to find its exposure and its colours.
    try camera.wait(.seconds(1))
    try camera.capture(to: "picture.jpg")
}
