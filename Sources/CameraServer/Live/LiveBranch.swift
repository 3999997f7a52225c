// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Those who watch a camera in the same form, such as fragments of MP4: each picture is made into it once for all of them.
final class LiveBranch: Sendable {
    private let bounds: LiveViewer.Bounds
    private let state: Mutex<State>

    private struct State {
        var packager: any LivePackager
        var viewers: [ObjectIdentifier: LiveViewer] = [:]
        var beginning: LiveBeginning?
        /// Counts the streams, so that each viewer is told of each.
        var number = 0
    }

    /// Viewers that are sent their pictures by the thread that brings them: many would keep it from the recording.
    private static let atOnce = 4

    init(_ packager: some LivePackager, _ bounds: LiveViewer.Bounds = LiveViewer.Bounds()) {
        self.bounds = bounds
        state = Mutex(State(packager: packager))
    }

    /// How many watch.
    var viewerCount: Int { state.withLock(\.viewers.count) }

    func add() -> LiveViewer {
        let viewer = LiveViewer(bounds)
        state.withLock { $0.viewers[ObjectIdentifier(viewer)] = viewer }
        return viewer
    }

    func remove(_ viewer: LiveViewer) {
        _ = state.withLock { $0.viewers.removeValue(forKey: ObjectIdentifier(viewer)) }
        viewer.end()
    }

    /// Hands a picture to all.
    ///
    /// - Parameters:
    ///   - packet: The picture.
    ///   - stream: Its stream, where it is the first of it that somebody watches; nil goes on with the present one.
    /// - Returns: Whether a key frame is wanted.
    /// - Throws: What the packager throws.
    func take(_ packet: Packet, beginning stream: StreamDescription?) throws(CameraError) -> Bool {
        try state.withLock { (state) throws(CameraError) -> Bool in
            if let stream {
                let bytes = try state.packager.begin(stream)
                state.beginning = LiveBeginning(stream: stream, bytes: bytes)
                state.number += 1
            }
            guard !state.viewers.isEmpty, let beginning = state.beginning else { return false }
            let chunk = state.packager.chunk(of: packet)
            var isWanted = false
            var left = Self.atOnce
            for viewer in state.viewers.values {
                left -= 1
                if viewer.offer(chunk, of: beginning, number: state.number, isAtOnce: left >= 0) { isWanted = true }
            }
            return isWanted
        }
    }

    /// Ends all viewers.
    func end() {
        let viewers = state.withLock { state in
            defer { state.viewers = [:] }
            return Array(state.viewers.values)
        }
        for viewer in viewers { viewer.end() }
    }
}
