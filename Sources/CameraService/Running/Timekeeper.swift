// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// Looks at the local clock for those who do something at hours of the day.
///
/// It looks at each full minute, and every ten seconds beside, since the clock may be set and summer time may begin or end: what
/// the hours ask for then holds within ten seconds.
final class Timekeeper: Sendable {
    private let state: Monitor<State>

    private struct State {
        var isEnding = false
        /// Whether somebody has come who was not told of the present minute.
        var isDirty = true
        var looks: [String: @Sendable (LocalClock) -> Void] = [:]
    }

    private static let longestPause = 10

    /// Begins to look, on a thread of its own.
    ///
    /// - Parameter clock: Gives the seconds since 1970.
    /// - Throws: `.system` where there is no thread to be had.
    init(
        clock: @escaping @Sendable () -> Int = { Int(WallTime.now.nanosecondsSince1970 / 1_000_000_000) }
    ) throws(CameraError) {
        let state = Monitor(State())
        self.state = state
        _ = try WorkerThread("timekeeper") {
            while true {
                let now = clock()
                let shown = LocalClock(at: now)
                for look in state.withLock({ Array($0.looks.values) }) { look(shown) }
                let pause = min(60 - now % 60, Self.longestPause)
                let isEnding = state.wait(until: .now + .seconds(pause)) { state -> Bool? in
                    if state.isEnding { return true }
                    guard state.isDirty else { return nil }
                    state.isDirty = false
                    return false
                }
                if isEnding == true { return }
            }
        }
    }

    deinit { end() }

    /// Tells somebody what the clock shows, soon and from then on at least once in each minute that is not left out.
    ///
    /// - Parameters:
    ///   - name: Names what is told; another of this name is told no more.
    ///   - look: Called on the thread; must not wait.
    func tell(_ name: String, _ look: @escaping @Sendable (LocalClock) -> Void) {
        state.update { state in
            state.looks[name] = look
            state.isDirty = true
        }
    }

    /// Tells somebody no more; a call that runs may still end.
    func forget(_ name: String) { state.withLock { $0.looks[name] = nil } }

    /// Ends it.
    func end() { state.update { $0.isEnding = true } }
}
