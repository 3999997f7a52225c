// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraOutputs
internal import Synchronization

/// The output of a recording that shows its pictures live, with times of the sensor's clock.
final class LiveFeed: Output {
    private let target: LiveStream
    private let onChange: @Sendable () -> Void
    private let state = Mutex(State())

    private struct State {
        var stream: StreamDescription?
        /// The parameter sets of the last key frame.
        var sets: [UInt8]?
        var hasShown = false
        var isEnded = false
    }

    /// - Parameters:
    ///   - target: What shows the pictures.
    ///   - onChange: Called at the first picture and at the end of the recording; must not wait.
    init(_ target: LiveStream, onChange: @escaping @Sendable () -> Void) {
        self.target = target
        self.onChange = onChange
        target.expect(self)
    }

    /// Whether a picture has been shown.
    var hasShown: Bool { state.withLock(\.hasShown) }

    /// Whether the recording has ended.
    var isEnded: Bool { state.withLock(\.isEnded) }

    func begin(_ stream: StreamDescription) {
        state.withLock { state in
            state.stream = stream
            state.sets = nil
        }
    }

    func write(_ bytes: RawSpan, _ info: PacketInfo) { write(Packet(copying: bytes, info)) }

    func write(_ packet: Packet) {
        // On the sensor's clock, which goes on from one recording to the next.
        var info = packet.info
        info.timestamp = .nanoseconds(packet.info.sensorTime.nanoseconds)
        info.decodeTimestamp = .nanoseconds(packet.info.decodeMoment.nanoseconds)
        let packet = Packet(bytes: packet.bytes, info: info)
        let sets = packet.bytes.span.withUnsafeBytes { Array($0.prefix(packet.info.headerByteCount)) }
        let place = state.withLock { state -> (stream: StreamDescription?, isNew: Bool, isFirst: Bool) in
            // A key frame without parameter sets goes on with those that were told at the beginning.
            let isNew = packet.info.isKeyFrame && (state.sets == nil || !sets.isEmpty && sets != state.sets)
            if isNew {
                state.sets = sets
                if !sets.isEmpty { state.stream?.parameterSets = sets }
            }
            defer { state.hasShown = true }
            return (state.stream, isNew, !state.hasShown)
        }
        guard let stream = place.stream else { return }
        target.take(packet, of: stream, isNew: place.isNew, from: self)
        if place.isFirst { onChange() }
    }

    func end() {
        state.withLock { $0.isEnded = true }
        target.forget(self)
        onChange()
    }
}
