// SPDX-License-Identifier: MIT

internal import CameraCore

/// Threads that work on jobs side by side and hand on what they make in the order of the jobs.
///
/// At most one job more than there are threads is inside. One thread submits; the workers deliver, one at a time. A
/// single worker works and delivers on the submitting thread.
final class OrderedWorkers<Job: Sendable, Product: Sendable>: Sendable {
    private let state = Monitor(State())
    private let workers: [@Sendable (Job) -> Product]
    private let deliver: @Sendable (Product) -> Void
    private let threads = Monitor<[WorkerThread]>([])

    private struct State {
        var submitted = 0
        var delivered = 0
        /// Jobs that no thread has begun.
        var waiting: [(number: Int, job: Job)] = []
        /// Products that wait for those of earlier jobs.
        var finished: [Int: Product] = [:]
        var isStopped = false
    }

    /// Starts a thread for each worker.
    ///
    /// - Parameters:
    ///   - name: What the threads are called, with a number behind.
    ///   - workers: Do a job; each is called on its own thread only.
    ///   - deliver: Takes each product.
    /// - Throws: `.system` when the kernel gives no more threads.
    init(
        name: String, workers: [@Sendable (Job) -> Product], deliver: @escaping @Sendable (Product) -> Void
    ) throws(CameraError) {
        self.workers = workers
        self.deliver = deliver
        if workers.count == 1 { return }
        for (index, work) in workers.enumerated() {
            do throws(CameraError) {
                let thread = try WorkerThread("\(name)\(index)") { [self] in run(work) }
                threads.withLock { $0.append(thread) }
            } catch {
                stop()
                throw error
            }
        }
    }

    /// Jobs that may be inside, undelivered, when another comes in.
    var lag: Int { workers.count == 1 ? 0 : workers.count }

    /// Waits until another job may come in; false when stopped.
    func waitForRoom() -> Bool {
        state.wait { [lag] state -> Bool? in
            if state.isStopped { return false }
            return state.submitted - state.delivered <= lag ? true : nil
        }
    }

    /// Hands in a job.
    func submit(_ job: Job) {
        if workers.count == 1 { return deliver(workers[0](job)) }
        state.update { state in
            state.waiting.append((state.submitted, job))
            state.submitted += 1
        }
    }

    /// Waits until all products are delivered, or the work was stopped.
    func drain() {
        state.wait { $0.isStopped || $0.delivered == $0.submitted ? () : nil }
    }

    /// Drops what is not delivered and waits for the threads to end; a delivery under way is waited for.
    func stop() {
        let dropped = state.update { state in
            state.isStopped = true
            let dropped = state.waiting
            state.waiting = []
            return dropped
        }
        // Jobs hold others' memory, which is not to be freed with the lock held.
        _ = dropped
        for thread in threads.withLock({ $0 }) where !thread.isCurrent { thread.join() }
    }

    private func run(_ work: (Job) -> Product) {
        while finishJob(work) {
            while let product = nextProduct() {
                deliver(product)
                state.update { $0.delivered += 1 }
            }
        }
    }

    /// Waits for a job and does it; false when stopped.
    ///
    /// The job, and the frame in it, is let go before anything is delivered.
    private func finishJob(_ work: (Job) -> Product) -> Bool {
        guard let (number, job) = nextJob() else { return false }
        let product = work(job)
        state.withLock { $0.finished[number] = product }
        return true
    }

    private func nextJob() -> (number: Int, job: Job)? {
        state.wait { state -> (number: Int, job: Job)?? in
            if state.isStopped { return .some(nil) }
            return state.waiting.isEmpty ? nil : .some(state.waiting.removeFirst())
        }
    }

    /// The next product in order, for the caller to deliver.
    ///
    /// It is nil when it is not made yet, and while another thread delivers the one before: that one counts as delivered
    /// only afterwards, and then the other thread looks for the next.
    private func nextProduct() -> Product? {
        state.withLock { state in state.isStopped ? nil : state.finished.removeValue(forKey: state.delivered) }
    }
}
