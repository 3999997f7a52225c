// SPDX-License-Identifier: MIT

import CameraKit

func capturingConsistentImages(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .hd720p)
    defer { camera.close() }
    let settings = Set(try camera.settings().filter(\.isWritable).map(\.setting))
    if settings.contains(.iso) { try camera.setISO(100) }
    // The automatics settle, and then stay as they are.
    try camera.wait(.seconds(1))
    if settings.contains(.shutterSpeed) { try camera.setShutterSpeed(camera.exposureSpeed) }
    if settings.contains(.awbMode) {
        let gains = settings.contains(.awbGains) ? try camera.awbGains : nil
        try camera.setAWBMode(.off)
        if let gains { try camera.setAWBGains(gains) }
    }
    try camera.captureSequence(to: (1...5).map { "same-light-\($0).jpg" })
}
