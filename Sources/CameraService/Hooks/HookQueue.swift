// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit

/// Does something for one thing after the other, on a thread of its own; who brings a thing does not wait.
///
/// What went wrong is told when it goes wrong first, and not again before it has gone well. Phases: running, finishing (what waits
/// is still done), ended; ``finish(within:)`` moves it on.
final class HookQueue<Item: Sendable>: Sendable {
    private struct State {
        var items: [Item] = []
        var isFinishing = false
        var isEnded = false
        var isFull = false
        /// Whether it is known that it goes wrong.
        var hasFailed = false
    }

    private let name: String
    private let state = Monitor(State())
    private let log: @Sendable (String) -> Void

    /// The most things that wait; others are told, and left out.
    private static var capacity: Int { 1000 }

    /// Prepares for things.
    ///
    /// - Parameters:
    ///   - name: What it is, for the thread and the log, at most 15 bytes.
    ///   - log: Told in a line what goes wrong.
    ///   - work: Does it, on the thread; gives what went wrong.
    /// - Throws: `.system` where there is no thread to be had.
    init(
        _ name: String, log: @escaping @Sendable (String) -> Void,
        work: @escaping @Sendable (Item, HookQueue) -> String?
    ) throws(CameraError) {
        (self.name, self.log) = (name, log)
        _ = try WorkerThread(name) { [self] in
            while let item = next() {
                if let trouble = work(item, self) { fail(trouble) } else { succeed() }
            }
            state.update { $0.isEnded = true }
        }
    }

    /// Has something done for a thing, behind earlier ones; does not wait.
    func add(_ item: Item) {
        let isNews = state.update { state in
            guard !state.isFinishing else { return false }
            let isFull = state.items.count >= Self.capacity
            if !isFull { state.items.append(item) }
            defer { state.isFull = isFull }
            return isFull && !state.isFull
        }
        if isNews { log("hooks: \(name): \(Self.capacity) wait already, and more are left out until it keeps up") }
    }

    /// Tells that it goes wrong, unless that is known.
    func fail(_ trouble: String) {
        let isNews = state.update { state in
            defer { state.hasFailed = true }
            return !state.hasFailed
        }
        if isNews { log("hooks: \(name): \(trouble); it is told again only when it has worked meanwhile") }
    }

    private func succeed() {
        let isNews = state.update { state in
            defer { state.hasFailed = false }
            return state.hasFailed
        }
        if isNews { log("hooks: \(name): it works again") }
    }

    /// Waits before something is tried again; false, sooner, when the service ends.
    func pause(for duration: Duration) -> Bool {
        state.wait(until: .now + duration) { $0.isFinishing ? false : nil } ?? true
    }

    /// Takes no more things.
    func close() { state.update { $0.isFinishing = true } }

    /// Waits until all is done; what is not done by then is told, and left out.
    ///
    /// - Parameter patience: The longest time.
    func finish(within patience: Duration) {
        close()
        guard state.wait(until: .now + patience, { $0.isEnded ? true : nil }) == nil else { return }
        let count = state.update { state in
            defer { state.items = [] }
            return state.items.count
        }
        log("hooks: \(name): one has not ended within \(patience) and goes on; \(count) more wait, and are left out")
    }

    private func next() -> Item? {
        state.wait { state -> Item?? in
            if !state.items.isEmpty { return .some(state.items.removeFirst()) }
            return state.isFinishing ? .some(nil) : nil
        }
    }
}
