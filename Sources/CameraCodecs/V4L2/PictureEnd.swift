// SPDX-License-Identifier: MIT

/// How the end of a picture is known that an encoder may give in several buffers.
enum PictureEnd {
    /// The raw buffer of its frame is back, and all coded buffers were taken that there are: most drivers give a frame back
    /// when they are done with it.
    case frameReturns
    /// The next picture begins: frames come back before all of their picture does.
    case nextBegins
    /// Each buffer is a whole picture: the encoder keeps frames for later ones, so that nothing else tells.
    case eachBuffer
}
