// SPDX-License-Identifier: MIT

package import CameraCore
internal import Glibc

/// Keeps a service manager informed of a server: when it is ready, what it does, and that nothing hangs.
///
/// `READY=1` is sent when each camera gives frames or is known not to, `STATUS=` whenever that changes, and `WATCHDOG=1` at half
/// of the interval that the manager asks for (`WATCHDOG_USEC`), as long as no camera's driver and no thread of the server hangs.
///
/// All methods may be called from any thread. It tells until ``isStopping()``.
package final class ServiceWatch: Sendable {
    private let report: Monitor<Report>
    private let thread: WorkerThread

    /// How often a server that is not ready yet is looked at: a camera tells nobody of its first frame.
    private static let starting = Duration.milliseconds(200)
    /// How often it is looked at afterwards, unless the watchdog wants more.
    private static let running = Duration.seconds(5)

    /// Begins to tell a service manager of a server, on a thread of its own.
    ///
    /// - Parameters:
    ///   - server: The server.
    ///   - notifier: Where the manager listens.
    ///   - watchdog: The time after which the manager takes the service for dead; nil where it does not.
    ///   - onTrouble: Called on that thread when the manager does not listen, once.
    /// - Throws: `.system` when there is no thread to be had.
    package init(
        _ server: CameraServer, _ notifier: ServiceNotifier, watchdog: Duration?,
        onTrouble: @escaping @Sendable (CameraError) -> Void
    ) throws(CameraError) {
        let report = Monitor(Report())
        self.report = report
        let longest = min(Self.running, watchdog.map { $0 / 2 } ?? Self.running)
        thread = try WorkerThread("serve-watch") {
            var isTold = false
            while !report.withLock(\.isEnded) {
                let health = server.health
                let statements = report.withLock { $0.statements(of: health, feeds: watchdog != nil) }
                do throws(CameraError) {
                    if !statements.isEmpty { try notifier.send(statements) }
                } catch {
                    report.withLock { $0.forget() }
                    if !isTold { onTrouble(error) }
                    isTold = true
                }
                let pause = report.withLock(\.isReady) ? longest : min(longest, Self.starting)
                _ = report.wait(until: .now + pause) { $0.notices.isEmpty && !$0.isEnded ? nil : true }
            }
        }
    }

    /// Begins to tell the manager that the environment names.
    ///
    /// - Parameters:
    ///   - server: The server.
    ///   - onTrouble: Called on a thread of its own when the manager does not listen, once.
    /// - Returns: Nil where no manager asks.
    /// - Throws: `.invalidValue` for an environment that names none; `.system`.
    package static func ofEnvironment(
        _ server: CameraServer, onTrouble: @escaping @Sendable (CameraError) -> Void
    ) throws(CameraError) -> ServiceWatch? {
        guard let address = environment("NOTIFY_SOCKET") else { return nil }
        let notifier = try ServiceNotifier(address)
        return try ServiceWatch(server, notifier, watchdog: watchdog, onTrouble: onTrouble)
    }

    /// The time that the manager's watchdog waits for this process.
    private static var watchdog: Duration? {
        guard let time = environment("WATCHDOG_USEC").flatMap({ Int64($0) }), time > 0 else { return nil }
        // It may be meant for a parent, whose environment this process has.
        if let process = environment("WATCHDOG_PID"), process != "\(getpid())" { return nil }
        return .microseconds(time)
    }

    private static func environment(_ name: String) -> String? {
        guard let value = getenv(name) else { return nil }
        let text = String(cString: value)
        return text.isEmpty ? nil : text
    }

    /// Tells that the service reads its configuration again; ``hasReloaded()`` ends that.
    package func isReloading() { report.update { $0.notices.append(.reloading) } }

    /// Tells that it has read its configuration.
    package func hasReloaded() { report.update { $0.notices.append(.reloaded) } }

    /// Tells that the service finishes its files and ends; waits until the manager knows, for a few seconds at most.
    package func isStopping() {
        report.update { $0.notices.append(.stopping) }
        thread.join(until: .now + .seconds(6))
    }
}
