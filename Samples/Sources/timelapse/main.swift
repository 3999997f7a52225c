// SPDX-License-Identifier: MIT

// A picture each second, five in all, into files numbered from 1.

import CameraKit
import SampleCamera

let camera = try openCamera(resolution: .hd720p)
defer { camera.close() }

let lapse = try camera.captureContinuous(to: "lapse-{counter:04d}.jpg")
for _ in 0..<5 {
    guard let name = try lapse.next() else { break }
    print(name)
    try camera.wait(.seconds(1))
}
