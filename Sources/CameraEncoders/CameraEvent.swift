// SPDX-License-Identifier: MIT

public import CameraCore

/// Something that happened while a camera ran, which no call was there to return.
///
/// Later versions may know more: a `switch` in another package has a default.
@nonexhaustive
public enum CameraEvent: Sendable {
    /// An encoder began to drop frames because it, or its output, is too slow; `total` have been dropped so far.
    case framesDropped(splitterPort: Int, total: Int)
    /// An encoder has dropped no frame for a second, or has ended; `count` were dropped since it began to, `total` so far.
    case droppingEnded(splitterPort: Int, count: Int, total: Int)
    /// The driver or the bus lost frames.
    case framesLost(count: Int)
    /// Frames arrived damaged and were left out; told once a second at most.
    case framesDamaged(count: Int)
    /// Compressed frames could not be decoded and were left out of what an encoder makes; the error tells what is wrong with
    /// the last of them. Told once a second at most; the port is nil for a channel.
    case picturesDamaged(splitterPort: Int?, count: Int, CameraError)
    /// The signal at the camera's input went away; frames that still come are recorded.
    case signalLost
    /// The signal at the camera's input is back.
    case signalRegained
    /// A hardware encoder lost a frame, and goes on.
    case picturesLost(splitterPort: Int, CameraError)
    /// No frame came for as long as the stall limit.
    case stalled(CameraError)
    /// So many pictures of a series at equal intervals were not taken: their moments had passed, or the camera gave no frame
    /// in time, which the error tells.
    case shotsMissed(count: Int, CameraError?)
    /// An output has taken this long for one picture; while it still does that is told anew each time that it has taken
    /// twice as long.
    case outputSlow(splitterPort: Int, Duration)
    /// A rule wanted to switch to its next file, but it was not open yet, or failed with this error; the recording goes on in
    /// the old one.
    case cutLate(splitterPort: Int, CameraError?)
    /// The next file could be opened after a late cut, and the recording goes on in it.
    case cutCaughtUp(splitterPort: Int)
    /// The name that a template gave was taken, and another one is used; told once by a recording or series.
    case nameTaken(name: String, instead: String)
    /// A recording has finished a file, which is complete and closed.
    case fileFinished(splitterPort: Int, FinishedFile)
    /// Something failed that does not end a recording or series: finishing a file that it has left, a file beside the
    /// pictures, the link to the newest picture.
    case outputFailed(splitterPort: Int, CameraError)
    /// A recording ended because of this error.
    case recordingFailed(splitterPort: Int, CameraError)
    /// A recording ended with its source.
    case recordingEnded(splitterPort: Int)
    /// The camera has no more frames.
    case sourceEnded
    /// The camera went away, and a recording waits for it; told again where it is there and something else keeps it from
    /// being used.
    case sourceLost(CameraError)
    /// The camera is back after this time, perhaps under another name, and recordings go on.
    case sourceReturned(name: String, after: Duration)
    /// The camera failed.
    case sourceFailed(CameraError)
}
