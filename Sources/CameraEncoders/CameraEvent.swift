// SPDX-License-Identifier: MIT

public import CameraCore
public import CameraOutputs

/// Something that happened while a camera ran, outside of any call.
///
/// Later versions may add cases: a `switch` in another package needs a default.
@nonexhaustive
public enum CameraEvent: Sendable {
    /// An encoder began to drop frames because it, or its output, is too slow; `total` have been dropped so far.
    case framesDropped(splitterPort: Int, total: Int)
    /// An encoder has dropped no frame for a second, or has ended; `count` were dropped since it began to, `total` so far.
    case droppingEnded(splitterPort: Int, count: Int, total: Int)
    /// The driver or the bus lost `count` frames.
    case framesLost(count: Int)
    /// Frames arrived damaged and were left out; reported once a second at most.
    case framesDamaged(count: Int)
    /// Compressed frames could not be decoded and were left out; reported once a second at most.
    ///
    /// The error tells what is wrong with the last of them. The port is nil for an encoder channel.
    case picturesDamaged(splitterPort: Int?, count: Int, CameraError)
    /// The signal at the camera's input went away; frames that still come are recorded.
    case signalLost
    /// The signal at the camera's input is back.
    case signalRegained
    /// A hardware encoder lost a frame, and goes on.
    case picturesLost(splitterPort: Int, CameraError)
    /// No frame came for as long as the stall limit.
    case stalled(CameraError)
    /// `count` pictures of a series with an interval were not taken.
    ///
    /// The error is nil when their times had passed already; otherwise it tells why the camera or the disk failed.
    case shotsMissed(count: Int, CameraError?)
    /// An output has taken this long for one picture; reported again each time that the duration has doubled.
    case outputSlow(splitterPort: Int, Duration)
    /// The next file of a split rule was not open in time, or failed with this error; the recording goes on in the old file.
    case cutLate(splitterPort: Int, CameraError?)
    /// The next file could be opened after a late cut, and the recording goes on in it.
    case cutCaughtUp(splitterPort: Int)
    /// The name that a template gave was taken, and another one is used; reported once for each recording or series.
    case nameTaken(name: String, instead: String)
    /// A recording has finished a file, which is complete and closed.
    case fileFinished(splitterPort: Int, FinishedFile)
    /// A recording's file was deleted, so that the bounds of its files are kept or its disk takes more.
    case fileRemoved(splitterPort: Int, RemovedFile)
    /// A bound of a recording's files cannot be kept, or an old file cannot be deleted; reported once for each.
    case retentionFailed(splitterPort: Int, CameraError)
    /// A file of the recording's template, whose writer was killed or lost its power, is an ordinary one now.
    case fileRepaired(splitterPort: Int, name: String, pictures: Int)
    /// Something failed that does not end a recording or series: finishing an earlier file, a file beside the pictures, one that
    /// can grow no larger and has one behind it, or the link to the newest picture.
    case outputFailed(splitterPort: Int, CameraError)
    /// A ``QueuedOutput`` of a recording does something else now: it connects, runs, waits or has failed.
    case outputChanged(splitterPort: Int, name: String, QueuedOutput.State)
    /// A recording ended because of this error.
    case recordingFailed(splitterPort: Int, CameraError)
    /// A recording ended by itself, with its source or by a limit.
    case recordingEnded(splitterPort: Int)
    /// The camera has no more frames.
    case sourceEnded
    /// The camera went away, and a recording waits for it; reported again when the camera is back but cannot be used.
    case sourceLost(CameraError)
    /// The camera is back after this time, perhaps under another name, and recordings go on.
    case sourceReturned(name: String, after: Duration)
    /// The camera failed.
    case sourceFailed(CameraError)
}
