// SPDX-License-Identifier: MIT

package import CameraCore

/// What there is of a camera in a span of time, as the page draws it.
package struct ArchiveTimeLine: Encodable, Sendable {
    /// The files with pictures of the span, the earliest first.
    package let files: [ArchiveFile]
    /// The times between files that touch the span, the earliest first.
    package let gaps: [Gap]
    /// What happened in the span, the earliest first.
    package let events: [Event]

    /// Puts it together.
    package init(files: [ArchiveFile], gaps: [Gap], events: [Event]) {
        (self.files, self.gaps, self.events) = (files, gaps, events)
    }

    /// A time in which nothing was recorded, or of which nothing is left.
    package struct Gap: Encodable, Sendable {
        /// When the file before it ended, in seconds since 1970.
        let start: Double
        /// When the file behind it began, in seconds since 1970; nil while there is none.
        let end: Double?
        /// Why, in a word: "away", "stopped", "failed", "deleted", "unknown".
        let reason: String
        /// What was told with it; nil for nothing.
        let text: String?

        /// Puts it together.
        package init(start: WallTime, end: WallTime?, reason: String, text: String?) {
            (self.start, self.end) = (start.secondsSince1970, end?.secondsSince1970)
            (self.reason, self.text) = (reason, text)
        }
    }

    /// Something that happened.
    package struct Event: Encodable, Sendable {
        /// When, in seconds since 1970.
        let time: Double
        /// What kind of thing it was, in a word.
        let kind: String
        /// What is told of it.
        let text: String
        /// The number of a file of the time line that belongs to it; nil for none.
        let file: Int64?

        /// Puts it together.
        package init(time: WallTime, kind: String, text: String, file: Int64?) {
            (self.time, self.kind, self.text, self.file) = (time.secondsSince1970, kind, text, file)
        }
    }
}

extension WallTime {
    /// As the API has it.
    var secondsSince1970: Double { Double(nanosecondsSince1970) / 1e9 }
}
