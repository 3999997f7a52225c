// SPDX-License-Identifier: MIT

import CameraKit

func capturingResizedImages(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .hd720p)
    defer { camera.close() }
    try camera.capture(to: "large.jpg")
    try camera.capture(to: "small.jpg", resize: Resolution(320, 180))
}
