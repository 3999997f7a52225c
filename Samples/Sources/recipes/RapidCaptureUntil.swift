// SPDX-License-Identifier: MIT

import CameraKit

func rapidCaptureUntil(_ selection: CameraSelection) throws {
    let camera = try Camera(selection, resolution: .vga, frameRate: 30)
    defer { camera.close() }
    var total = 0
    var last: MemoryOutput?
    // Asked for the next output when a picture is complete: here is the place to look at it, and to say that it is enough.
    let outputs = AnyIterator<any Output> {
        total += last?.count ?? 0
        guard total < 1_000_000 else { return nil }
        let next = MemoryOutput(limit: 1_000_000)
        last = next
        return next
    }
    try camera.captureSequence(to: outputs, format: .jpeg, useVideoPort: true)
    print("\(total) bytes of pictures are enough")
}
