// SPDX-License-Identifier: MIT

internal import CameraCore
internal import DequeModule

/// Runs the tasks of servers on threads of their own.
///
/// Swift's own pool has as many threads as the machine has processors: a program that blocks these, as scripts do, would stop the
/// server, and files that a server reads from a slow disk would stop the program.
final class ServerExecutor: TaskExecutor {
    /// The one of the process, whose threads begin with the first server.
    static let shared = ServerExecutor()

    private let jobs = Monitor<Deque<UnownedJob>>([])
    private let threads = Monitor(0)

    /// Threads: some may wait for a disk.
    private static let count = 4

    /// Starts the threads that are not there yet.
    ///
    /// - Throws: `.system` where there is none to be had.
    func start() throws(CameraError) {
        while threads.withLock({ $0 }) < Self.count {
            do throws(CameraError) {
                _ = try WorkerThread("serve-work") { [self] in run() }
                threads.withLock { $0 += 1 }
            } catch {
                if threads.withLock({ $0 }) == 0 { throw error }
                return
            }
        }
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.updateForOne { $0.append(job) }
    }

    private func run() {
        while true {
            let job = jobs.wait { $0.popFirst() }
            job.runSynchronously(on: asUnownedTaskExecutor())
        }
    }
}

extension Task where Success == Void, Failure == Never {
    /// Begins a task of a server, or of what follows one.
    @discardableResult
    package static func ofServer(_ body: @escaping @Sendable () async -> Void) -> Task {
        Task.detached(executorPreference: ServerExecutor.shared, operation: body)
    }
}

/// Suspends a task of a server for a time, or until it is cancelled.
///
/// Swift's own sleep wakes a task by a thread of its pool, which a program may hold.
func pause(for duration: Duration) async {
    await WakeUpCall().wait(until: .now + duration)
}
