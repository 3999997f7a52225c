// SPDX-License-Identifier: MIT

internal import CLinux
internal import Glibc
internal import SystemPackage

/// A plain thread with a name, which others can wait for with a deadline.
package final class WorkerThread: Sendable {
    /// The thread's name as `top -H` and debuggers show it; Linux keeps 15 bytes.
    package let name: String
    private let finished = Monitor(false)
    private let identity = Monitor<pthread_t?>(nil)

    /// Starts a thread that runs `body` once.
    ///
    /// - Parameters:
    ///   - name: The name, at most 15 bytes.
    ///   - isBatch: Whether it lets others finish their turn when it wakes (`SCHED_BATCH`): threads take turns less often
    ///     where nobody waits for a single frame.
    ///   - body: What the thread does; it keeps alive whatever it captures until it returns.
    /// - Throws: `.system` when the kernel gives no more threads.
    package init(
        _ name: String, isBatch: Bool = false, _ body: @escaping @Sendable () -> Void
    ) throws(CameraError) {
        self.name = name
        let start = Unmanaged.passRetained(Start(thread: self, isBatch: isBatch, body: body))
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        defer { pthread_attr_destroy(&attributes) }
        var created = pthread_t()
        let code = pthread_create(&created, &attributes, { Start.run($0) }, start.toOpaque())
        guard code == 0 else {
            start.release()
            throw CameraError(.system, "starting the thread \(name)", systemError: Errno(rawValue: code))
        }
    }

    /// Waits until the thread's work is done; false when `deadline` passed first.
    @discardableResult
    package func join(until deadline: Timestamp? = nil) -> Bool {
        finished.wait(until: deadline) { $0 ? true : nil } ?? false
    }

    /// Whether the caller runs on this thread.
    package var isCurrent: Bool {
        identity.withLock { $0.map { pthread_equal($0, pthread_self()) != 0 } ?? false } && !isFinished
    }

    /// Whether the thread's work is done.
    package var isFinished: Bool { finished.withLock { $0 } }

    private final class Start: Sendable {
        let thread: WorkerThread
        let isBatch: Bool
        let body: @Sendable () -> Void

        init(thread: WorkerThread, isBatch: Bool, body: @escaping @Sendable () -> Void) {
            self.thread = thread
            self.isBatch = isBatch
            self.body = body
        }

        static func run(_ context: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
            guard let context else { return nil }
            let start = Unmanaged<Start>.fromOpaque(context).takeRetainedValue()
            start.thread.identity.withLock { $0 = pthread_self() }
            clinux_set_thread_name(start.thread.name)
            if start.isBatch { clinux_run_as_batch() }
            start.body()
            start.thread.finished.update { $0 = true }
            return nil
        }
    }
}
