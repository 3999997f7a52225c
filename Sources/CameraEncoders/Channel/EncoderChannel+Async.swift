// SPDX-License-Identifier: MIT

public import CameraCore

/// The methods that wait, for `async` functions.
extension EncoderChannel {
    /// The next stream; suspends the task until it is there.
    ///
    /// - Parameter timeout: The longest time to wait; nil for no limit, zero to return at once.
    /// - Returns: What the blocking method returns.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled, and no stream is lost then.
    public func receive(timeout: Duration? = nil) async throws(CameraError) -> EncodedStream? {
        let operation = "receiving a stream"
        let output = try run(operation).output
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            try CameraError.checkCancellation(operation)
            guard await output.suspend(until: deadline) else {
                try CameraError.checkCancellation(operation)
                return nil
            }
            // Another receiver may have been faster.
            let stream = try output.receive(until: .now)
            if stream != nil || output.isFinished { return stream }
        }
    }

    /// Encodes a frame of the channel's size, in any layout; suspends the task while it waits for room, and while the codec
    /// works.
    ///
    /// - Parameters:
    ///   - frame: The frame.
    ///   - presentationTime: When the frame is shown; nil for the frame's own timestamp.
    ///   - timeout: The longest time to wait while too many streams wait to be received, or others send; nil for no limit.
    /// - Throws: What the blocking method throws; `.cancelled` when the task is cancelled before the codec took the frame,
    ///   which is not encoded then.
    public func send(
        _ frame: Frame, at presentationTime: Duration? = nil, timeout: Duration? = .zero
    ) async throws(CameraError) {
        let operation = "sending a frame"
        let run = try run(operation)
        let time = presentationTime ?? .nanoseconds(frame.info.timestamp.nanoseconds)
        let deadline = Timestamp.deadline(after: timeout)
        while true {
            try CameraError.checkCancellation(operation)
            await run.suspendForTurn(until: deadline)
            try CameraError.checkCancellation(operation)
            let result = await onThreadOfItsOwn("channel-send") { () throws(CameraError) in
                try run.send(frame, at: time, until: .now)
            }
            // Another sender may have been faster.
            if case .failure(let error) = result, error.code == .queueFull, deadline.map({ .now < $0 }) ?? true {
                continue
            }
            return try result.get()
        }
    }
}
