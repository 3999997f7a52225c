// SPDX-License-Identifier: MIT

// A picture each second, five in all; a second run goes on behind them.

import CameraKit
import SampleCamera

let camera = try openCamera(resolution: .hd720p)
defer { camera.close() }

let lapse = try camera.captureContinuous(
    to: "lapse-{counter:04d}.jpg", every: .seconds(1), latest: "latest.jpg")
for _ in 0..<5 {
    guard let name = try lapse.next() else { break }
    print(name)
}
