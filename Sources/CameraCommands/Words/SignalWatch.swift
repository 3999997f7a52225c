// SPDX-License-Identifier: MIT

package import CameraKit
internal import CameraServer
internal import Glibc
internal import Synchronization

/// Takes signals on a thread of its own, and makes sure that they end the program.
///
/// A second signal within a second ends it at once. One that finds nothing begun, as while a FIFO waits for its reader,
/// ends it after a moment; one that is to finish files ends it when that takes longer than it may.
package final class SignalWatch: Sendable {
    private let hasBegun = Atomic(false)
    private let stopTimeout: Duration
    private let endsOnHangup: Bool
    private let handler: @Sendable (Int32) -> Void

    /// Blocks the signals in all threads that are started from here on, and takes them on one of them.
    ///
    /// - Parameters:
    ///   - extra: Signals besides SIGINT, SIGTERM and SIGHUP, which do not end the program.
    ///   - stopTimeout: How long finishing files may take.
    ///   - endsOnHangup: Whether SIGHUP ends the program; where it does not, it is handed on as an extra one is.
    ///   - handler: Called on the thread with each signal's number; must not wait.
    /// - Throws: `.system` when there is no thread to be had.
    package init(
        _ extra: [Int32] = [], stopTimeout: Duration = .seconds(15), endsOnHangup: Bool = true,
        handler: @escaping @Sendable (Int32) -> Void
    ) throws(CameraError) {
        self.stopTimeout = stopTimeout
        self.endsOnHangup = endsOnHangup
        self.handler = handler
        var signals = sigset_t()
        sigemptyset(&signals)
        for number in [SIGINT, SIGTERM] + extra { sigaddset(&signals, number) }
        if !Self.isIgnored(SIGHUP) { sigaddset(&signals, SIGHUP) }
        var blocked = signals
        // A reader that went away is an error of the write.
        sigaddset(&blocked, SIGPIPE)
        pthread_sigmask(SIG_BLOCK, &blocked, nil)
        let taken = signals
        _ = try WorkerThread("signals") { self.run(taken) }
    }

    /// Whether whoever started the program, as nohup(1) does, wants a signal to have no effect.
    private static func isIgnored(_ number: Int32) -> Bool {
        var action = sigaction()
        guard sigaction(number, nil, &action) == 0 else { return false }
        let handler = unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
        return handler == unsafeBitCast(SIG_IGN, to: Int.self)
    }

    /// Says that from now on there is something to finish.
    package func begin() {
        hasBegun.store(true, ordering: .releasing)
    }

    /// Programs such as timeout(1) send a signal to the process and then to its group: that is no second signal.
    private static let echo = Duration.milliseconds(50)
    /// A terminal that closes sends SIGHUP to its programs, then its shell does; systemd sends it after SIGTERM.
    private static let hangupEcho = Duration.milliseconds(500)
    /// How long the opening of cameras and files, which a signal found under way, may go on.
    private static let openingGrace = Duration.milliseconds(500)
    /// How often the limit can be needed: stopping, writing a ring, syncing, and closing the camera.
    private static let closingSteps = 4
    /// What comes on top of that.
    private static let closingGrace = Duration.seconds(5)

    private func run(_ signals: sigset_t) {
        var signals = signals
        var last: (number: Int32, time: Timestamp)?
        var deadline: Timestamp?
        while true {
            let number = wait(for: &signals, until: deadline)
            switch number {
            case SIGHUP where !endsOnHangup: handler(number)
            case SIGINT, SIGTERM, SIGHUP:
                let now = Timestamp.now
                let echo = number == SIGHUP || last?.number == SIGHUP ? Self.hangupEcho : Self.echo
                if let last, now - last.time <= echo { continue }
                if let last, now - last.time <= .seconds(1) { _exit(exitStatus(after: number)) }
                deadline = deadline ?? now + Self.openingGrace
                last = (number, now)
                handler(number)
            case 0:
                guard let last else { continue }
                guard hasBegun.load(ordering: .acquiring) else { _exit(exitStatus(after: last.number)) }
                let limit = last.time + stopTimeout * Self.closingSteps + Self.closingGrace
                if Timestamp.now >= limit {
                    Console.print("camera: the recording could not be finished within \(limit - last.time)", .error)
                    _exit(EXIT_FAILURE)
                }
                deadline = limit
            default: handler(number)
            }
        }
    }

    /// The next signal; 0 at the deadline.
    private func wait(for signals: inout sigset_t, until deadline: Timestamp?) -> Int32 {
        guard let deadline else {
            var number: Int32 = 0
            sigwait(&signals, &number)
            return number
        }
        let rest = max((deadline - .now).nanoseconds, 0)
        var time = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
        return max(sigtimedwait(&signals, nil, &time), 0)
    }
}

/// The exit status of a program that a signal ended.
package func exitStatus(after signal: Int32) -> Int32 { 128 + signal }
