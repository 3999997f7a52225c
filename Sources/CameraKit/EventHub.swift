// SPDX-License-Identifier: MIT

internal import CameraEncoders
internal import Synchronization

/// Hands each event to everybody who listens, without waiting for anyone.
final class EventHub: Sendable {
    private let listeners = Mutex(Listeners())

    private struct Listeners {
        var continuations: [Int: AsyncStream<CameraEvent>.Continuation] = [:]
        var nextKey = 0
        var isFinished = false
    }

    /// Events that a slow listener may be behind; older ones are lost to it.
    private static let backlog = 1024

    /// A stream of the events from now on.
    func stream() -> AsyncStream<CameraEvent> {
        let (stream, continuation) = AsyncStream.makeStream(
            of: CameraEvent.self, bufferingPolicy: .bufferingNewest(Self.backlog))
        let key = listeners.withLock { listeners -> Int? in
            guard !listeners.isFinished else { return nil }
            listeners.nextKey += 1
            listeners.continuations[listeners.nextKey] = continuation
            return listeners.nextKey
        }
        guard let key else {
            continuation.finish()
            return stream
        }
        continuation.onTermination = { [weak self] _ in self?.remove(key) }
        return stream
    }

    func send(_ event: CameraEvent) {
        for continuation in listeners.withLock({ Array($0.continuations.values) }) { continuation.yield(event) }
    }

    /// Ends all streams.
    func finish() {
        let ended = listeners.withLock { listeners in
            listeners.isFinished = true
            defer { listeners.continuations = [:] }
            return Array(listeners.continuations.values)
        }
        for continuation in ended { continuation.finish() }
    }

    private func remove(_ key: Int) {
        _ = listeners.withLock { $0.continuations.removeValue(forKey: key) }
    }
}
