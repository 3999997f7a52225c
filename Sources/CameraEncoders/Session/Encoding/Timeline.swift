// SPDX-License-Identifier: MIT

internal import CameraCore

/// What is known of the frames that are inside a codec, until their packets come out.
struct Timeline {
    /// A frame that entered the codec.
    struct Entry {
        let info: FrameInfo
        /// Its place among the frames of the recording, lost ones included.
        let place: Int64
        /// When it is shown; never at or before the frame before it.
        let timestamp: Duration
        let arrival: Timestamp
        /// When the worker took it.
        let taken: Timestamp
        let ticket: SplitTicket?
        /// The record of its motion vectors; nil where none are recorded.
        let motion: PacketBytes?

        /// Whether a file begins with it.
        var startsFile: Bool { ticket?.keys.contains(.frame) == true }
    }

    private struct Slot {
        var timestamp = Duration.zero
        var entry: Entry?
    }

    /// More than any codec holds back: x264's longest lookahead is 250 frames.
    static let capacity = 1024
    private var slots = [Slot](repeating: Slot(), count: capacity)
    private let interval: Duration

    init(interval: Duration) {
        self.interval = interval
    }

    /// Notes the frame `index`; false when the codec has kept too many.
    mutating func insert(_ entry: Entry, at index: Int64) -> Bool {
        let slot = Int(index % Int64(Self.capacity))
        guard slots[slot].entry == nil else { return false }
        slots[slot] = Slot(timestamp: entry.timestamp, entry: entry)
        return true
    }

    /// The frame whose packet came out; nil when there is no such frame inside.
    mutating func remove(at index: Int64) -> Entry? {
        guard index >= 0 else { return nil }
        return slots[Int(index % Int64(Self.capacity))].entry.take()
    }

    /// When frame `index` is shown; before the first frame, by the nominal rate.
    func timestamp(of index: Int64) -> Duration {
        guard index >= 0 else { return slots[0].timestamp + interval.saturatingMultiply(by: Int(index)) }
        return slots[Int(index % Int64(Self.capacity))].timestamp
    }
}
