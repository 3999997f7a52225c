// SPDX-License-Identifier: MIT

internal import CameraCore
internal import Synchronization

/// Cameras that give no frames.
extension FrameRouter {
    /// How long a camera may give no frame before that is an error: what was given, or else three seconds or four frames,
    /// whichever is longer, where a frame takes as long as the camera's rate, exposure and other settings have it.
    ///
    /// Asks the camera for its settings.
    package var stallLimit: Duration {
        givenStallLimit ?? max(shortestStallLimit, slowestFrameBySettings * 4)
    }

    /// Whether so much time without a usable frame is too much; asks the camera for its settings only where that counts.
    func hasStalled(after quiet: Duration) -> Bool { quiet >= shortestStallLimit && quiet >= stallLimit }

    /// The stall limit as far as the rate alone has it.
    var shortestStallLimit: Duration {
        givenStallLimit ?? max(.seconds(3), (source.streams.map(\.frameRate.interval).max() ?? .zero) * 4)
    }

    /// The longest time of a frame that the settings let the camera choose; zero where they tell nothing.
    private var slowestFrameBySettings: Duration {
        let nominal = source.streams.first?.frameRate.framesPerSecond ?? 0
        let settings: [CameraSetting] = [.shutterSpeed, .exposureSpeed, .frameRateRange, .frameRateDelta]
        let times = settings.map { setting -> Duration in
            switch try? source.description(of: setting)?.value {
            case .duration(let time): time
            case .rates(let range): range.low.interval
            case .number(let delta) where nominal + delta >= 1 / 86_400.0: .seconds(1 / (nominal + delta))
            default: .zero
            }
        }
        return times.max() ?? .zero
    }

    /// What a camera is given beyond the time that it is to wait for a frame.
    static var silenceGrace: Duration { .seconds(1) }

    /// Tells of a camera in which the device thread waits for longer than it was to.
    func tellOfSilence() {
        guard !state.withLock(\.isStopping) else { return }
        isSilent.store(true, ordering: .relaxed)
        // The error is meant for the device thread, which alone can open the camera again, once its call returns.
        try? stall()
        // For those who come while it is silent.
        alarm.set(.deadline(after: stallLimit))
    }

    /// Tells that no frame came for too long; ends those who do not wait for the camera to give frames again.
    ///
    /// - Throws: The error, when somebody waits.
    func stall() throws(CameraError) {
        let (hasSignal, damaged) = state.withLock { ($0.hasSignal, $0.damagedStreak) }
        let remedy =
            hasSignal
            ? "check the cable and the power supply, or allow more time by the stall limit (--stall)"
            : "there is no signal at its input"
        let found = damaged == 0 ? "none came" : "none that can be used came, and \(damaged) damaged,"
        let error = CameraError(
            .timedOut, "waiting for a frame", subject: source.name, reason: "\(found) for \(stallLimit); \(remedy)")
        state.withLock { state in
            state.counts.stalls += 1
            state.lastUsable = .now
            state.damagedStreak = 0
            state.isStalled = true
        }
        report(.stalled(error))
        if leave(error) { throw error }
    }

    /// How a source's frames come.
    package enum Flow: Sendable {
        /// None has come yet.
        case beginning
        /// They come; or they would, where a source that waits has nobody to give them to.
        case flowing
        /// None came for too long, though the source answers.
        case stalled
        /// The source does not come back from a call within the time that it was given.
        case hanging
    }

    /// How the frames come now.
    package var flow: Flow {
        if isSilent.load(ordering: .relaxed) { return .hanging }
        let (captured, isStalled) = state.withLock { ($0.counts.framesCaptured, $0.isStalled) }
        if isStalled { return .stalled }
        return captured > 0 || source.canWait ? .flowing : .beginning
    }
}
