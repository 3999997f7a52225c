// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Hands on pictures until one fails, and keeps their sizes for rate control.
final class JPEGResults: Sendable {
    private let keepsSizes: Bool
    private let deliver: @Sendable (Result<EncodedFrame, CameraError>) -> Void
    private let state = Mutex(State())

    private struct State {
        var error: CameraError?
        var sizes: [Int] = []
    }

    init(keepsSizes: Bool, deliver: @escaping @Sendable (Result<EncodedFrame, CameraError>) -> Void) {
        self.keepsSizes = keepsSizes
        self.deliver = deliver
    }

    /// The failure after which nothing is delivered any more.
    var error: CameraError? { state.withLock { $0.error } }

    /// The size of the oldest picture that was not asked for.
    func takeSize() -> Int? {
        state.withLock { $0.sizes.isEmpty ? nil : $0.sizes.removeFirst() }
    }

    /// Takes a result; called one at a time, in order.
    func take(_ result: Result<EncodedFrame, CameraError>) {
        let goesOn = state.withLock { state in
            guard state.error == nil else { return false }
            switch result {
            case .success(let frame): if keepsSizes { state.sizes.append(frame.bytes.count) }
            case .failure(let error): state.error = error
            }
            return true
        }
        if goesOn { deliver(result) }
    }
}
