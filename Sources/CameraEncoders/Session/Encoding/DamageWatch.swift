// SPDX-License-Identifier: MIT

internal import CameraCore

/// Leaves out the pictures of a camera that cannot be decoded: each is its own loss only, as long as others can be used.
struct DamageWatch {
    private let router: FrameRouter
    private let tell: @Sendable (Int, CameraError) -> Void
    private var report = DamageReport()
    private var lastUsable: Timestamp?
    /// Pictures since the last one that could be used.
    private var streak = 0
    /// What was wrong with the last one that could not.
    private var latest: CameraError?

    /// Makes a watch over what comes from a camera.
    ///
    /// - Parameters:
    ///   - router: Where the frames come from.
    ///   - tell: Takes the number of pictures that were left out since it was last called, and what is wrong with the last.
    init(_ router: FrameRouter, tell: @escaping @Sendable (Int, CameraError) -> Void) {
        self.router = router
        self.tell = tell
    }

    /// Notes a picture that can be used.
    mutating func noteUsable(_ arrival: Timestamp) {
        (lastUsable, streak) = (arrival, 0)
        tellDue(arrival)
    }

    /// Notes a picture that was left out.
    ///
    /// - Parameters:
    ///   - error: What is wrong with it.
    ///   - arrival: When it came.
    /// - Throws: `.timedOut` when nothing usable has come for as long as a camera may give no frame.
    mutating func noteDamaged(_ error: CameraError, _ arrival: Timestamp) throws(CameraError) {
        latest = error
        streak += 1
        report.add(1)
        tellDue(arrival)
        let start = lastUsable ?? arrival
        lastUsable = start
        guard !router.source.canWait, router.hasStalled(after: arrival - start) else { return }
        throw CameraError(
            .timedOut, "waiting for a picture that can be used", subject: router.source.name,
            reason: "none of the last \(streak) in \(arrival - start) could; check the cable, share its bus with fewer "
                + "devices, or choose another pixel format of the camera",
            underlying: error)
    }

    private mutating func tellDue(_ time: Timestamp) {
        guard let latest, let count = report.due(at: time) else { return }
        tell(count, latest)
    }

    /// Tells what was not told yet.
    mutating func finish() {
        guard let latest, let count = report.takeRest() else { return }
        tell(count, latest)
    }
}
