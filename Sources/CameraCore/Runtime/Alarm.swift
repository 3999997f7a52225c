// SPDX-License-Identifier: MIT

internal import Synchronization

/// Calls a closure when a moment comes, which can be moved at any time.
///
/// All alarms of the program share one thread, which wakes at the earliest moment that was set: moving an alarm on for
/// each picture wakes nobody. Safe to use from any thread.
package final class Alarm: Sendable {
    private let action = Mutex<(@Sendable () -> Void)?>(nil)

    /// Makes an alarm that does nothing yet.
    package init() {}

    /// Says what to do when the moment comes; it is called on the alarms' thread and must not wait, as the others would.
    package func onRing(_ action: @escaping @Sendable () -> Void) {
        self.action.withLock { $0 = action }
    }

    /// Rings once at a moment instead of the one that was set before; nil for never.
    package func set(_ time: Timestamp?) {
        AlarmClock.shared.set(self, time)
    }

    fileprivate func ring() {
        action.withLock { $0 }?()
    }
}

/// The thread of all alarms.
private final class AlarmClock: Sendable {
    static let shared = AlarmClock()

    private let state = Monitor(State())

    private struct State {
        var alarms: [ObjectIdentifier: (alarm: Alarm, time: Timestamp)] = [:]
        /// When the thread wakes; never, without alarms.
        var wake = Timestamp.never
        var hasThread = false

        mutating func takeDue(at now: Timestamp) -> [Alarm] {
            let due = alarms.filter { $0.value.time <= now }
            for key in due.keys { alarms[key] = nil }
            return due.values.map(\.alarm)
        }
    }

    func set(_ alarm: Alarm, _ time: Timestamp?) {
        let (isEarlier, needsThread) = state.withLock { state in
            state.alarms[ObjectIdentifier(alarm)] = time.map { (alarm, $0) }
            guard let time else { return (false, false) }
            let isEarlier = time < state.wake
            if isEarlier { state.wake = time }
            defer { state.hasThread = true }
            return (isEarlier, !state.hasThread)
        }
        if isEarlier { state.update { _ in } }
        if needsThread { startThread() }
    }

    private func startThread() {
        do {
            _ = try WorkerThread("alarms") { self.run() }
        } catch {
            // Without a thread nothing rings; who sets the next alarm tries again.
            state.withLock { $0.hasThread = false }
        }
    }

    private func run() {
        while true {
            let next = state.withLock { state in
                state.wake = state.alarms.values.map(\.time).min() ?? .never
                return state.wake
            }
            state.wait(until: next == .never ? nil : next) { $0.wake < next ? () : nil }
            for alarm in state.withLock({ $0.takeDue(at: .now) }) { alarm.ring() }
        }
    }
}

extension Timestamp {
    fileprivate static let never = Timestamp(nanoseconds: .max)
}
