// SPDX-License-Identifier: MIT

internal import CameraCore

/// A change of a recording's bit rate, from the moment it was asked for until the codec has taken it or refused.
final class BitRateChange: Sendable {
    let bitRate: Int
    private let outcome = Monitor<Result<Void, CameraError>?>(nil)

    init(to bitRate: Int) {
        self.bitRate = bitRate
    }

    /// Changes it; called on the encode worker, which drives the codec.
    ///
    /// - Returns: Whether it was changed.
    func perform(on codec: (any Codec)?) -> Bool {
        guard let codec else {
            fail(CameraError(.unsupported, "changing the bit rate", reason: "raw pictures have none; leave it alone"))
            return false
        }
        // One that nobody waits for any more was taken back.
        guard outcome.withLock({ $0 == nil }) else { return false }
        let result = Result { () throws(CameraError) in try codec.setBitRate(bitRate) }
        outcome.update { $0 = result }
        if case .success = result { return true }
        return false
    }

    /// Ends it without a change.
    func fail(_ error: CameraError) {
        outcome.update { if $0 == nil { $0 = .failure(error) } }
    }

    /// Waits for the outcome; at the deadline the change is taken back.
    ///
    /// - Throws: What the codec threw; `.timedOut` when no frame came by which it would have been changed.
    func wait(until deadline: Timestamp?) throws(CameraError) {
        if let result = outcome.wait(until: deadline, { $0 }) { return try result.get() }
        let error = CameraError(
            .timedOut, "changing the bit rate", reason: "no frame came from which on it could be changed")
        fail(error)
        throw error
    }
}
