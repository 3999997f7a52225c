// SPDX-License-Identifier: MIT

import CameraKit
import TestSupport
import Testing

/// A size and rate of picamera's tests.
///
/// 100x100 is no multiple of 16 or 32; 2592x1944 is more than the Pi's encoder could do.
struct PicameraMode: CustomTestStringConvertible, Sendable {
    let size: Resolution
    let frameRate: FrameRate

    static let all = [
        PicameraMode(size: Resolution(100, 100), frameRate: 60),
        PicameraMode(size: Resolution(320, 240), frameRate: 5),
        PicameraMode(size: Resolution(1280, 720), frameRate: 30),
        PicameraMode(size: Resolution(1920, 1080), frameRate: 24),
        PicameraMode(size: Resolution(2592, 1944), frameRate: 15),
    ]

    /// Those whose pictures take no time, for tables that differ from another one by where pictures go, not by what is in
    /// them: all sizes would take minutes in each.
    static let small = Array(all.prefix(3))

    /// All items at the small sizes, and the few at the large ones as well: what the rest tries does not depend on the size.
    static func rows<Item>(_ items: [Item], inAllSizes few: [Item]) -> [(PicameraMode, Item)] {
        small.flatMap { mode in items.map { (mode, $0) } }
            + all.dropFirst(small.count).flatMap { mode in few.map { (mode, $0) } }
    }

    var testDescription: String { "\(size) at \(frameRate)" }

    /// A test camera of this mode, unpaced, whose pictures show their numbers.
    func camera() throws -> Camera {
        try Camera(.source(TestCamera(resolution: size, frameRate: frameRate, pacing: .none, numbered: true)))
    }
}

extension Camera {
    /// Waits until a recording has written so many more pictures; throws what it failed with.
    func waitRecording(pictures count: Int, splitterPort: Int = 1) throws {
        func written() -> Int { statistics.encoders[splitterPort]?.packetsWritten ?? 0 }
        let target = written() + count
        let isReached = try eventually {
            try waitRecording(.zero, splitterPort: splitterPort)
            return written() >= target
        }
        try #require(isReached)
    }
}
