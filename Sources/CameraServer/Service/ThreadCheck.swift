// SPDX-License-Identifier: MIT

internal import CLinux
internal import CameraCore
internal import Glibc
internal import Synchronization

/// Asks the threads that all connections share whether they still do anything, and remembers since when one owes the answer.
///
/// Safe to use from any thread.
final class ThreadCheck: Sendable {
    private let polls: Connection.Polls
    /// When the question was asked that is not answered yet.
    private let asked = Mutex<Timestamp?>(nil)

    init(_ polls: Connection.Polls) {
        self.polls = polls
    }

    /// Asks, unless a question is open, and tells how long the threads owe an answer.
    func ask() -> Duration {
        let now = Timestamp.now
        let (isNew, since) = asked.withLock { asked in
            let since = asked ?? now
            defer { asked = since }
            return (asked == nil, since)
        }
        if isNew {
            Task.ofServer { [self] in
                let isAnswered = await answers(polls.reading)
                let isToo = await answers(polls.writing)
                if isAnswered, isToo { asked.withLock { $0 = nil } }
            }
        }
        return now - since
    }

    /// Whether a poll reports a descriptor that is ready at once; waits for that without an end, as those who use it would.
    private func answers(_ poll: SocketPoll) async -> Bool {
        let descriptor = clinux_eventfd()
        // Without descriptors nobody is served, and nothing can be said of the threads.
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        // Readable as well as writable.
        var one: UInt64 = 1
        guard write(descriptor, &one, MemoryLayout<UInt64>.size) > 0 else { return true }
        do {
            try await poll.wait(for: descriptor, until: nil)
            return true
        } catch {
            // The server ends.
            return true
        }
    }
}
