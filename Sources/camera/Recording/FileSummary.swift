// SPDX-License-Identifier: MIT

internal import CameraKit

/// What was written to a file.
struct FileSummary: Encodable {
    let path: String
    var frames = 0
    var bytes = 0
    /// Seconds from the first picture to the end of the last, to the microsecond.
    var duration = 0.0

    /// One line for people.
    var text: String {
        "\(path): \(Figures.frames(frames)), \(Figures.decimal(duration, places: 1)) s, \(Figures.bytes(bytes))"
    }
}

extension FileSummary {
    /// Tells of a file that a recording has finished.
    init(_ file: FinishedFile) {
        self.init(path: file.name, frames: file.frames, bytes: file.bytes, duration: file.duration.roundedSeconds)
    }
}
