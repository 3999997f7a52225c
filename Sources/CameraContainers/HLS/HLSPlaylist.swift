// SPDX-License-Identifier: MIT

internal import CameraCore

/// What a playlist lists, and the text of its file (RFC 8216).
struct HLSPlaylist {
    /// A segment, whose file is complete.
    struct Segment {
        /// Its number, which runs on through all recordings to the playlist.
        let number: Int
        /// The number of its part: a stretch without a discontinuity, which one initialization file describes.
        let part: Int
        /// Whether it is the first of its part and another part was before.
        let isDiscontinuity: Bool
        /// How long it plays, in ticks.
        let duration: Int
        /// When its first picture was taken.
        let begins: WallTime
    }

    private let names: HLSNames
    private let window: HLSOptions.Window
    private(set) var segments: [Segment] = []
    /// The length of a segment in whole seconds that no segment exceeds when it is rounded (4.3.3.1).
    ///
    /// Players expect that it does not change, so that it is as long as was asked for even if the first segment is shorter. It
    /// grows when a camera gives no key frame in time, since a list that is not true is worse.
    private(set) var targetDuration: Int
    /// How long what is listed plays, in ticks, and the longest that it has been.
    private var listed = 0
    private(set) var longest = 0

    /// Begins an empty one.
    ///
    /// - Parameters:
    ///   - names: Names the files.
    ///   - options: The window, and how long segments are to be.
    ///   - interval: The nominal time of a picture, which no segment is shorter than.
    init(_ names: HLSNames, _ options: HLSOptions, interval: Duration) {
        self.names = names
        window = options.window
        let wanted = max(options.segmentDuration, interval)
        let (seconds, rest) = wanted.components
        targetDuration = Int(clamping: seconds) + (rest > 0 ? 1 : 0)
    }

    /// Adds a segment.
    ///
    /// - Returns: The segments that are listed no more.
    mutating func append(_ segment: Segment) -> [Segment] {
        segments.append(segment)
        listed += segment.duration
        let rounded = (segment.duration + MP4Writer.timescale / 2) / MP4Writer.timescale
        targetDuration = max(targetDuration, rounded)
        // As many as can go together.
        var count = 0
        while mayRemove(segments[count], of: segments.count - count) {
            listed -= segments[count].duration
            count += 1
        }
        longest = max(longest, listed)
        let removed = Array(segments.prefix(count))
        segments.removeFirst(count)
        return removed
    }

    /// Whether the oldest of so many segments need not be listed.
    private func mayRemove(_ oldest: Segment, of count: Int) -> Bool {
        let rest = listed - oldest.duration
        // A list that goes on has three target durations at least (6.2.2).
        guard count > 1, rest >= 3 * targetDuration * MP4Writer.timescale else { return false }
        return switch window {
        case .segments(let wanted): count > wanted
        case .duration(let wanted): rest >= MP4Writer.ticks(wanted)
        case .all: false
        }
    }

    /// The text of the file.
    ///
    /// - Parameter isComplete: Whether no segment follows.
    /// - Returns: The text.
    func text(isComplete: Bool) -> String {
        // 7: segments of MP4 with an initialization file.
        var text = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:\(targetDuration)\n"
        if window == .all { text += "#EXT-X-PLAYLIST-TYPE:EVENT\n" }
        text += "#EXT-X-INDEPENDENT-SEGMENTS\n"
        if let first = segments.first {
            text += "#EXT-X-MEDIA-SEQUENCE:\(first.number)\n"
            let before = first.part - (first.isDiscontinuity ? 1 : 0)
            if before > 0 { text += "#EXT-X-DISCONTINUITY-SEQUENCE:\(before)\n" }
        }
        var part: Int?
        for segment in segments {
            if segment.isDiscontinuity { text += "#EXT-X-DISCONTINUITY\n" }
            if segment.part != part {
                part = segment.part
                text += "#EXT-X-MAP:URI=\"\(HLSNames.address(of: names.initialization(of: segment.part)))\"\n"
            }
            text += "#EXT-X-PROGRAM-DATE-TIME:\(segment.begins.text(places: 3))\n"
            text += "#EXTINF:\(Self.seconds(segment.duration)),\n"
            text += HLSNames.address(of: names.segment(segment.number, of: segment.part)) + "\n"
        }
        if isComplete { text += "#EXT-X-ENDLIST\n" }
        return text
    }

    /// Ticks as seconds, to a microsecond: nearer than a tick is.
    private static func seconds(_ ticks: Int) -> String {
        let (whole, rest) = ticks.quotientAndRemainder(dividingBy: MP4Writer.timescale)
        // Rounded; the rest is less than a second, and so is what becomes of it.
        let microseconds = (rest * 1_000_000 + MP4Writer.timescale / 2) / MP4Writer.timescale
        return "\(whole).\(microseconds.zeroPadded(to: 6))"
    }
}
