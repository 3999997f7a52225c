// SPDX-License-Identifier: MIT

package import CameraCore

/// Runs tasks on a thread of its own, so that they do not wait for tests that hold the pool's.
package final class ThreadExecutor: TaskExecutor {
    private let jobs = Monitor(Jobs())

    private struct Jobs {
        var waiting: [UnownedJob] = []
        var isClosed = false
    }

    /// Starts the thread, which ends with ``close()``.
    package init() throws(CameraError) {
        let jobs = jobs
        _ = try WorkerThread("executor") { [self] in
            while let next = Self.take(jobs) { next.runSynchronously(on: asUnownedTaskExecutor()) }
        }
    }

    private static func take(_ jobs: Monitor<Jobs>) -> UnownedJob? {
        jobs.wait { jobs -> UnownedJob?? in
            if jobs.waiting.isEmpty { return jobs.isClosed ? .some(nil) : nil }
            return .some(jobs.waiting.removeFirst())
        }
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.update { $0.waiting.append(job) }
    }

    /// Ends the thread when nothing is left to do.
    package func close() { jobs.update { $0.isClosed = true } }
}
