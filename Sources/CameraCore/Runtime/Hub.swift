// SPDX-License-Identifier: MIT

internal import Synchronization

/// Hands each thing that happens to everybody who listens, without waiting for anyone.
///
/// Safe to use from any thread. Phases: open, finished; ``finish()`` moves it on.
package final class Hub<Element: Sendable>: Sendable {
    private struct Listener: Sendable {
        let take: @Sendable (Element) -> Void
        let end: @Sendable () -> Void
    }

    private struct State {
        var listeners: [Int: Listener] = [:]
        var nextKey = 0
        var isFinished = false
        /// What happened already, for those who listen soon; nil once it is forgotten.
        var early: [Element]?
    }

    private let state: Mutex<State>
    /// Things that a slow listener may be behind, and that are kept for those who listen soon; older ones are lost to it.
    private let backlog: Int

    /// Makes one that nobody listens to.
    ///
    /// - Parameters:
    ///   - backlog: Things that the reader of a stream may be behind; it misses the oldest ones then.
    ///   - keepsEarly: Whether those who listen are told as many things from before, until ``forgetEarly()``.
    package init(backlog: Int, keepsEarly: Bool = false) {
        self.backlog = backlog
        state = Mutex(State(early: keepsEarly ? [] : nil))
    }

    /// Has `take` called with each thing from now on, before ``send(_:)`` returns.
    ///
    /// - Parameters:
    ///   - take: Called on the thread that sends; must not wait, nor call the hub.
    ///   - onEnd: Called once there is nothing more to come, at once where that is so already; must not wait.
    /// - Returns: What ``remove(_:)`` takes; nil where nothing comes any more.
    @discardableResult
    package func observe(
        _ take: @escaping @Sendable (Element) -> Void, onEnd: @escaping @Sendable () -> Void = {}
    ) -> Int? {
        let key = state.withLock { state -> Int? in
            for element in state.early ?? [] { take(element) }
            guard !state.isFinished else { return nil }
            state.nextKey += 1
            state.listeners[state.nextKey] = Listener(take: take, end: onEnd)
            return state.nextKey
        }
        if key == nil { onEnd() }
        return key
    }

    /// A stream of the things from now on, which ends when there is nothing more to come.
    package func stream() -> AsyncStream<Element> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: Element.self, bufferingPolicy: .bufferingNewest(backlog))
        let key = observe({ continuation.yield($0) }, onEnd: { continuation.finish() })
        if let key { continuation.onTermination = { [weak self] _ in self?.remove(key) } }
        return stream
    }

    /// Tells one who listens nothing more, without calling its end.
    package func remove(_ key: Int) {
        _ = state.withLock { $0.listeners.removeValue(forKey: key) }
    }

    /// Hands a thing to all.
    package func send(_ element: Element) {
        let listeners = state.withLock { state in
            if let early = state.early, early.count < backlog { state.early?.append(element) }
            return Array(state.listeners.values)
        }
        for listener in listeners { listener.take(element) }
    }

    /// Tells nobody any more what happened before.
    package func forgetEarly() { state.withLock { $0.early = nil } }

    /// Ends it for all who listen.
    package func finish() {
        let ended = state.withLock { state in
            state.isFinished = true
            defer { state.listeners = [:] }
            return Array(state.listeners.values)
        }
        for listener in ended { listener.end() }
    }
}
