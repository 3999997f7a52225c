// SPDX-License-Identifier: MIT

package import CameraCore

/// Puts what comes with packets, in decoding order, into the order in which pictures are shown.
package struct DisplayOrder<Element: Sendable>: Sendable {
    private var waiting: [(element: Element, info: PacketInfo)] = []

    /// The most pictures that may wait for one that is shown earlier.
    ///
    /// H.264 and H.265 allow no more (ITU-T H.264, E.2.1: max_num_reorder_frames is at most MaxDpbFrames, which A.3.1
    /// limits to 16); the bound is for streams that break the rule.
    private var limit: Int { 16 }

    /// Makes an empty order.
    package init() {}

    /// Takes what belongs to a packet.
    ///
    /// - Parameters:
    ///   - element: What belongs to it.
    ///   - info: The packet's times.
    /// - Returns: What is in order now: nothing that follows is shown before its own decoding.
    package mutating func add(_ element: Element, _ info: PacketInfo) -> [(Element, PacketInfo)] {
        let place = waiting.lastIndex { $0.info.timestamp <= info.timestamp }.map { $0 + 1 } ?? 0
        waiting.insert((element, info), at: place)
        let certain = waiting.firstIndex { $0.info.timestamp > info.decodeTimestamp } ?? waiting.count
        return take(max(certain, waiting.count - limit))
    }

    /// What is left.
    package mutating func finish() -> [(Element, PacketInfo)] {
        take(waiting.count)
    }

    private mutating func take(_ count: Int) -> [(Element, PacketInfo)] {
        defer { waiting.removeFirst(count) }
        return waiting.prefix(count).map { ($0.element, $0.info) }
    }
}
