// SPDX-License-Identifier: MIT

internal import CameraCore

/// Runs a body on so many threads, which begin together, and waits for all.
package func onThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) throws {
    let gate = Monitor(0)
    let threads = try (0..<count).map { number in
        try WorkerThread("storm\(number)") {
            gate.update { $0 += 1 }
            gate.wait { $0 == count ? () : nil }
            body(number)
        }
    }
    for thread in threads { thread.join() }
}
