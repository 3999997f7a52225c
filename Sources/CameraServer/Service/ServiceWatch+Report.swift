// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

extension ServiceWatch {
    /// What the manager knows, and what it is to be told next.
    struct Report: Sendable {
        /// What the service wants it to know.
        enum Notice { case reloading, reloaded, stopping }

        /// Notices that were not told yet: one for each message.
        var notices: Deque<Notice> = []
        /// Whether the manager knows that the service is ready.
        private(set) var isReady = false
        /// Whether it was told of the end.
        private(set) var isEnded = false
        private var status: String?

        /// The statements of the next message.
        ///
        /// - Parameters:
        ///   - health: What the server does.
        ///   - feeds: Whether a watchdog waits.
        /// - Returns: The statements; none where there is nothing to tell.
        mutating func statements(of health: ServerHealth, feeds: Bool) -> [String] {
            var statements: [String] = []
            switch notices.popFirst() {
            case .reloading?:
                // The time tells managers of the type notify-reload which of several reloads this is.
                statements = ["RELOADING=1", "MONOTONIC_USEC=\(Timestamp.now.nanoseconds / 1000)"]
            case .reloaded?: statements = isReady ? ["READY=1"] : []
            case .stopping?:
                isEnded = true
                return ["STOPPING=1", "STATUS=finishing the files"]
            case nil:
                if !isReady, health.isReady {
                    isReady = true
                    statements = ["READY=1"]
                }
            }
            if health.status != status {
                statements.append("STATUS=\(health.status)")
                status = health.status
            }
            if feeds, health.isAlive { statements.append("WATCHDOG=1") }
            return statements
        }

        /// Has all told again that still is so: the message did not arrive.
        mutating func forget() { (isReady, status) = (false, nil) }
    }
}
