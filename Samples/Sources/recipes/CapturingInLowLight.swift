// SPDX-License-Identifier: MIT

import CameraKit

func capturingInLowLight(_ selection: CameraSelection) throws {
    // Frames that may be exposed for long come seldom: one in two seconds.
    let camera = try Camera(selection, resolution: .hd720p, frameRate: FrameRate(1, 2))
    defer { camera.close() }
    for description in try camera.settings() where description.isWritable {
        switch (description.setting, description.values) {
        case (.shutterSpeed, .durations(let range)): try camera.setShutterSpeed(min(.seconds(2), range.upperBound))
        case (.iso, .integers(let range)): try camera.setISO(min(800, range.upperBound))
        case (.iso, .oneOf(let numbers)): try camera.setISO(numbers.max() ?? 0)
        default: break
        }
    }
    try camera.capture(to: "night.jpg")
}
