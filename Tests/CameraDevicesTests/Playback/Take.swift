// SPDX-License-Identifier: MIT

import CameraCore
import Foundation
import TestSupport

/// Everything that a source delivered until its end, an error or a limit.
struct Take {
    var frames: [Frame] = []
    var damaged = 0
    var ended = false
    var error: CameraError?

    /// Starts a source and takes up to `limit` frames of it.
    init(_ source: any VideoSource, limit: Int = .max) throws {
        try source.start()
        defer { source.stop() }
        do {
            while frames.count < limit {
                switch try source.next(timeout: .seconds(60)) {
                case .frame(let frame): frames.append(frame)
                case .damaged(let count): damaged += count
                case .ended:
                    ended = true
                    return
                case .signalLost, .signalRegained, .timedOut, .interrupted:
                    throw CameraError(.timedOut, "taking frames of the source")
                }
            }
        } catch let failure as CameraError {
            error = failure
        }
    }

    /// The frames without padding, one after the other, as ffmpeg's rawvideo has them.
    var bytes: Data { frames.reduce(into: Data()) { $0 += packedBytes($1) } }

    /// The times after the first frame, in nanoseconds.
    var times: [Int64] {
        frames.map { $0.info.timestamp.nanoseconds - frames[0].info.timestamp.nanoseconds }
    }
}
