// SPDX-License-Identifier: MIT

import CameraKit

func rapidProcessing(_ selection: CameraSelection) async throws {
    let camera = try Camera(selection, resolution: Resolution(320, 240), frameRate: 30)
    defer { camera.close() }
    // Four frames are looked at at a time, on as many threads as there are processors.
    let brightest = try await withThrowingTaskGroup(of: Int.self) { group in
        var (taken, brightest) = (0, 0)
        for try await frame in try camera.frames() {
            if taken >= 4 { brightest = max(brightest, try await group.next() ?? 0) }
            group.addTask {
                let numbers = try frame.rgbPixels().elements
                return numbers.reduce(0) { $0 + Int($1) } / numbers.count
            }
            taken += 1
            if taken == 30 { break }
        }
        for try await brightness in group { brightest = max(brightest, brightness) }
        return brightest
    }
    print("the brightest of 30 frames has \(brightest) of 255")
}
