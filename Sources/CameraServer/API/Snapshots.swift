// SPDX-License-Identifier: MIT

internal import CameraCore
internal import CameraKit
internal import CameraOutputs

/// Takes pictures for those who ask, one at a time: who asks while one is taken gets that.
final class Snapshots: Sendable {
    private let state = Monitor(State())

    private struct State {
        var isTaking = false
        var count = 0
        var last: Result<[UInt8], CameraError>?
    }

    /// How long a picture may take.
    private static let patience = Duration.seconds(10)
    /// The port for pictures.
    private static let port = 5

    /// A picture as JPEG.
    ///
    /// - Throws: What taking it throws.
    func take(of station: Station) async throws(CameraError) -> [UInt8] {
        let camera = try await station.camera("taking a picture")
        let before: Int? = state.update { state in
            guard state.isTaking else {
                state.isTaking = true
                return nil
            }
            return state.count
        }
        if let before {
            let shared = await state.suspend(until: .now + Self.patience) { $0.count > before ? $0.last : nil }
            guard let shared else { throw CameraError(.timedOut, "taking a picture", subject: station.plan.name) }
            return try shared.get()
        }
        let output = MemoryOutput(limit: 64_000_000)
        let result = await onThreadOfItsOwn("snapshot") { () throws(CameraError) -> [UInt8] in
            try camera.capture(
                to: .output(output), format: .jpeg, splitterPort: Self.port, timeout: Self.patience)
            return output.data
        }
        state.update { state in
            state.isTaking = false
            state.count += 1
            state.last = result
        }
        return try result.get()
    }
}
